"""API keys: made, listed, revoked; a key is answered once, when it is made. Floor 5."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import ClassVar

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from actions import access, moments
from actions.api import bodies, intake
from actions.api.door import Door
from actions.api.openapi import keeping
from actions.api.shapes.requests import MAKE_KEY
from actions.api.views.lists import PAGING, page_by_name
from actions.errors import ApiKeyNotFound, FieldProblem, MalformedRequest
from actions.jsontypes import JSONObject
from actions.models import ApiKey


class ApiKeyList(Door):
    """All keys, also those that count no longer; for one with name patterns those within them."""

    http_method_names = ["get", "head", "post"]
    parameters: ClassVar[frozenset[str]] = PAGING

    body: JSONObject

    def take_in(self, request: Request) -> None:
        """Read what a new key is to be."""
        super().take_in(request)
        if request.method == "POST":
            self.body = intake.body_of(request, shape=MAKE_KEY)

    @keeping.LIST_API_KEYS
    def get(self, request: Request) -> Response:
        """One page, by prefix."""
        return page_by_name(
            request,
            lambda after, limit: islice(self._visible(after), limit),
            shown=bodies.api_key,
            named=lambda row: row.prefix,
        )

    def _visible(self, after: str) -> Iterator[ApiKey]:
        found = ApiKey.objects.following(after).iterator()
        return (row for row in found if self.principal.covers(row.patterns))

    @keeping.MAKE_API_KEY
    def post(self, request: Request) -> Response:
        """Make a key that may do no more than its maker."""
        scopes, patterns = _texts(self.body["scopes"]), _texts(self.body.get("patterns", []))
        expires_at = _expiry(self.body.get("expires_at"))
        access.check_gift(self.principal, scopes, expires_at=expires_at)
        row, key = access.create_key(
            name=str(self.body["name"]),
            scopes=scopes,
            patterns=patterns,
            expires_at=expires_at,
            by=self.principal.actor,
        )
        return Response(bodies.api_key(row, key=key), status=status.HTTP_201_CREATED)


class ApiKeyDetail(Door):
    """One key, named by its prefix."""

    http_method_names = ["get", "head", "delete"]

    @keeping.READ_API_KEY
    def get(self, request: Request, prefix: str) -> Response:
        """What it may do, and when it was used last."""
        return Response(bodies.api_key(self._found(prefix)))

    @keeping.REVOKE_API_KEY
    def delete(self, request: Request, prefix: str) -> Response:
        """Revoke it; a repeat has no further effect."""
        row = self._found(prefix)
        access.revoke_key(row, by=self.principal.actor)
        return Response(bodies.api_key(row))

    def _found(self, prefix: str) -> ApiKey:
        row = ApiKey.objects.by_prefix(prefix)
        if row is None or not self.principal.covers(row.patterns):
            raise ApiKeyNotFound(
                f"There is no API key {prefix[:32]!r}; /api/v1/api-keys lists them."
            )
        return row


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _expiry(text: object) -> datetime | None:
    if text is None:
        return None
    try:
        moment = moments.read(str(text))
    except ValueError as wrong:
        problem = FieldProblem(pointer="/expires_at", code="out-of-range", detail=str(wrong))
        raise MalformedRequest(f"expires_at cannot be kept: {wrong}", errors=[problem]) from None
    if moment <= datetime.now(UTC):
        detail = "expires_at has passed already; give a time to come, or leave it out."
        problem = FieldProblem(pointer="/expires_at", code="in-the-past", detail=detail)
        raise MalformedRequest(detail, errors=[problem])
    return moment
