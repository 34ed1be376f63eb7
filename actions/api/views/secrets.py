"""Secrets: set, listed, removed, never read back. Floor 5."""

from collections.abc import Iterator
from itertools import islice
from typing import ClassVar

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from actions import vault
from actions.api import bodies, intake
from actions.api.door import Door
from actions.api.openapi import keeping
from actions.api.shapes.requests import SET_SECRET
from actions.api.views.lists import PAGING, page_by_name
from actions.errors import SecretNotFound
from actions.jsontypes import JSONObject
from actions.models import Secret


class SecretList(Door):
    """The names, and what is known of each; for a key with name patterns those only its actions read."""

    parameters: ClassVar[frozenset[str]] = PAGING

    @keeping.LIST_SECRETS
    def get(self, request: Request) -> Response:
        """One page, by name."""
        return page_by_name(
            request,
            lambda after, limit: islice(self._visible(after), limit),
            shown=bodies.secret,
            named=lambda row: row.name,
        )

    def _visible(self, after: str) -> Iterator[Secret]:
        found = Secret.objects.catalogue().following(after).iterator()
        return (row for row in found if self.principal.covers(row.actions))


class SecretDetail(Door):
    """One secret."""

    http_method_names = ["get", "head", "put", "delete"]

    body: JSONObject

    def take_in(self, request: Request) -> None:
        """Read a new value."""
        super().take_in(request)
        if request.method == "PUT":
            self.body = intake.body_of(request, shape=SET_SECRET)

    @keeping.READ_SECRET
    def get(self, request: Request, name: str) -> Response:
        """What is known of it, but for its value."""
        found = Secret.objects.named(name)
        if found is None or not self.principal.covers(found.actions):
            raise SecretNotFound(f"There is no secret {name[:63]!r}.")
        return Response(bodies.secret(found))

    @keeping.SET_SECRET
    def put(self, request: Request, name: str) -> Response:
        """Give it a value, and make it if there is none of that name."""
        actions = self.body.get("actions")
        patterns = [str(one) for one in actions] if isinstance(actions, list) else None
        value = str(self.body["value"])
        by, within = self.principal.actor, self.principal.patterns
        secret = vault.set_secret(name, value, by=by, actions=patterns, within=within)
        return Response(bodies.secret(secret))

    @keeping.REMOVE_SECRET
    def delete(self, request: Request, name: str) -> Response:
        """Forget its values; no attempt can read it from now on."""
        vault.remove(name, by=self.principal.actor, within=self.principal.patterns)
        return Response(status=status.HTTP_204_NO_CONTENT)
