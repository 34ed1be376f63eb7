"""The site as a Django app, so that its commands and checks are found."""

from django.apps import AppConfig


class ActionsiteConfig(AppConfig):
    """Registers the site's own system checks."""

    name = "actionsite"

    def ready(self) -> None:
        """Importing the room registers its checks."""
        from actionsite import checks  # noqa: F401, PLC0415 - models must be loaded before
