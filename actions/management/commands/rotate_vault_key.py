"""`manage.py rotate_vault_key`. Floor 5, a door."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from actions import vault
from actions.errors import Refusal
from actions.management.operator import operator


class Command(BaseCommand):
    """Seal the vault's keys with ACTIONSITE_VAULT_KEY as it is now; docs/secrets.md says when."""

    help = "Seal the vault's keys with the present ACTIONSITE_VAULT_KEY, and add a new one."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say why not."""
        try:
            rotation = vault.rotate(by=operator())
        except Refusal as refused:
            raise CommandError(refused.detail) from refused
        self.stdout.write(
            f"{rotation.resealed_count} vault keys are sealed with the present key, number "
            f"{rotation.newest} is new. ACTIONSITE_VAULT_KEY_FALLBACKS is no longer needed."
        )
