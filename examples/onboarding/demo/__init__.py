"""The stage of the story: a mail server to switch off and on, and a service that makes sandboxes.

Both are real servers on the loopback interface, run by `manage.py demo_services`. This module is
what pages use: it only reads a file, so it costs next to nothing and needs nobody to answer.
"""

from django.conf import settings

from onboarding.demo.switch import MailState, read

__all__ = ["MailState", "mail_state"]


def mail_state() -> MailState:
    """Tell whether the demo's mail server is switched on; off where it never was."""
    return read(settings.ACTIONSITE_DATA_DIR)
