"""What this installation's settings say about the outside.

Floor 3.
"""

from functools import cache

from django.conf import settings

from actions.errors import Final
from actions.executor.egress import Entry, Guard
from actions.executor.mailserver import MailServer


@cache
def guard() -> Guard:
    """The guard of this process: the public Internet, the allow-list and the mail server."""
    server: MailServer | None = settings.ACTIONSITE_MAIL_SERVER
    own = (Entry(host=server.host.lower(), port=server.port),) if server is not None else ()
    return Guard((*settings.ACTIONSITE_EGRESS_ALLOW, *own))


def mail_server() -> MailServer:
    """The mail server; raises Final `mail_not_configured` where there is none."""
    server: MailServer | None = settings.ACTIONSITE_MAIL_SERVER
    if server is None:
        raise Final(
            "mail_not_configured",
            "This installation has no mail server; set ACTIONSITE_SMTP_URL for the workers.",
        )
    return server
