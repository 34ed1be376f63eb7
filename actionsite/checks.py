"""System checks of the site (`manage.py check --deploy`). Floor: the site."""

from typing import Any

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security, deploy=True)
def demo_is_not_for_production(**_: Any) -> list[checks.CheckMessage]:
    """The demo makes a login and sends its mail to itself."""
    if not settings.ACTIONSITE_DEMO:
        return []
    return [
        checks.Warning(
            "ACTIONSITE_DEMO is on: this installation has a demo login and demo services.",
            hint="Set ACTIONSITE_DEMO=0 in production.",
            id="actionsite.W001",
        )
    ]
