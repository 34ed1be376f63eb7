"""The banner of a demo: that it is one, and the switch of its mail server.

Floor 5, a door.
"""

from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.urls import reverse

# The app of the story. Production does not have it, so it is imported in demo posture only.
DEMO_APP = "onboarding.demo"


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """What the banner shows."""

    is_mail_up: bool
    mail_url: str


def demo() -> Demo | None:
    """The demo as it stands; None where this is no demo."""
    if not settings.ACTIONSITE_DEMO:
        return None
    state = import_module(DEMO_APP).mail_state()
    return Demo(is_mail_up=state.is_up, mail_url=reverse("onboarding:demo-mail"))
