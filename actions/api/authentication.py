"""Who is calling: an API key in the Authorization header, or a person's session in a browser.

Floor 5. A request that carries a key is judged by the key alone, so a bad one is not saved by a
session beside it. Sessions need Django's CSRF token, keys do not.
"""

import re
from dataclasses import replace

from django.contrib.auth.models import AnonymousUser, User
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from actions import access
from actions.access import Principal
from actions.errors import Unauthenticated

SCHEME = "bearer"
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")


class BearerKey(BaseAuthentication):
    """`Authorization: Bearer as_…`."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Principal] | None:
        """The key's principal; None if there is no such header at all."""
        header = request.headers.get("Authorization")
        if header is None:
            return None
        scheme, _, sent = header.partition(" ")
        if scheme.lower() != SCHEME:
            raise Unauthenticated(
                "The Authorization header is not of the form that is understood here; send "
                "Authorization: Bearer and an API key."
            )
        principal = access.authenticate(
            sent.strip(), request_id=request_id_of(request), trace_id=trace_id_of(request)
        )
        if principal is None:
            raise Unauthenticated(
                "This API key is unknown, revoked or expired; an administrator can make a new "
                "one with manage.py create_api_key."
            )
        return AnonymousUser(), principal

    def authenticate_header(self, request: Request) -> str:
        """What WWW-Authenticate says."""
        return "Bearer"


class BrowserSession(SessionAuthentication):
    """The session of somebody who has signed in to the pages."""

    def authenticate(self, request: Request) -> tuple[User, Principal] | None:
        """The person's principal; None if nobody has signed in."""
        known = super().authenticate(request)
        if known is None:
            return None
        user = known[0]
        principal = access.principal_of(user, request_id=request_id_of(request))
        actor = replace(principal.actor, trace_id=trace_id_of(request))
        return user, replace(principal, actor=actor)

    def enforce_csrf(self, request: Request) -> None:
        """Check the token on Django's own request: the framework's would parse the body for it."""
        # Django's own request has all that is looked at.
        super().enforce_csrf(request._request)  # type: ignore[arg-type]


def request_id_of(request: Request) -> str:
    """The id that the request has been given, for the record."""
    return getattr(request._request, "request_id", "")


def trace_id_of(request: Request) -> str:
    """The trace that the request belongs to (W3C Trace Context), or an empty text.

    A header that breaks the rules is ignored, as the rules ask.
    """
    match = _TRACEPARENT.fullmatch(request.headers.get("traceparent", "").strip())
    if match is None:
        return ""
    version, trace_id, parent_id, rest = match.groups()
    is_valid = version != "ff" and trace_id.strip("0") and parent_id.strip("0")
    return trace_id if is_valid and (version != "00" or rest is None) else ""
