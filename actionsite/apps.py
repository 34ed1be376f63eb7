"""The site as a Django app, so that its commands and checks are found."""

from django.apps import AppConfig


class ActionsiteConfig(AppConfig):
    """Registers the site's own system checks, and says what axes may keep of a try to sign in."""

    name = "actionsite"

    def ready(self) -> None:
        """Importing the room of checks registers them."""
        from axes.models import AccessAttempt  # noqa: PLC0415 - models must be loaded before
        from django.db.models.signals import pre_save  # noqa: PLC0415

        from actions import logins  # noqa: PLC0415
        from actionsite import checks  # noqa: F401, PLC0415 - models must be loaded before

        pre_save.connect(logins.drop_what_was_sent, sender=AccessAttempt)
