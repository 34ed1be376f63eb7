"""The app that executes atomic actions durably."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class ActionsConfig(AppConfig):
    """Actions: the catalogue, executions and their record."""

    name = "actions"
    verbose_name = "Actions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Find what the installed apps declare in their actions.py."""
        from actions import promises, rollups  # noqa: PLC0415  # models come before verbs

        autodiscover_modules("actions")
        promises.keep_also(rollups.PROMISES)
        post_migrate.connect(_sync, sender=self)


def _sync(sender: AppConfig, **said: Any) -> None:
    # Models are not there before the registry is.
    from actions import definitions, vault  # noqa: PLC0415
    from actions.management.operator import operator  # noqa: PLC0415

    definitions.sync(by=operator())
    vault.ensure_key()
