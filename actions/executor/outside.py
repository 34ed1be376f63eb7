"""What this installation's settings say about the outside.

Floor 3.
"""

from functools import cache

from django.conf import settings

from actions.errors import Final
from actions.executor.egress import Entry, Guard, normal
from actions.executor.mailserver import MailServer


@cache
def guard() -> Guard:
    """The guard of HTTP actions: the public Internet and the allow-list.

    Not the mail server: with an HTTP request one could say to it what only e-mail actions may.
    """
    return Guard(tuple(settings.ACTIONSITE_EGRESS_ALLOW))


def mail_guard() -> Guard:
    """The guard of e-mail actions: the mail server alone; raises like `mail_server`."""
    server = mail_server()
    return Guard((Entry(host=normal(server.host), port=server.port),))


def mail_server() -> MailServer:
    """The mail server; raises Final `mail_not_configured` where there is none."""
    server: MailServer | None = settings.ACTIONSITE_MAIL_SERVER
    if server is None:
        raise Final(
            "mail_not_configured",
            "This installation has no mail server; set ACTIONSITE_SMTP_URL for the workers.",
        )
    return server
