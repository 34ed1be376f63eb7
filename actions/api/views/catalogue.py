"""The catalogue: which actions there are, what each is, and turning one off. Floor 5."""

from typing import Any, ClassVar

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from actions import definitions, registry
from actions.api import bodies, intake
from actions.api.door import Door
from actions.api.etags import tagged
from actions.api.openapi import operations
from actions.api.shapes.requests import DISABLE, ENABLE
from actions.api.views.lists import PAGING, page_by_name
from actions.errors import ActionNotFound, VersionRequired
from actions.jsontypes import JSONObject
from actions.models import Action


class ActionList(Door):
    """All actions that the caller may know of, by name."""

    parameters: ClassVar[frozenset[str]] = PAGING

    @operations.LIST_ACTIONS
    def get(self, request: Request) -> Response:
        """One page."""
        visible = Action.objects.catalogue().defined().named_like(self.principal.patterns)
        return page_by_name(
            request,
            lambda after, limit: visible.following(after)[:limit],
            shown=bodies.action,
            named=lambda row: row.name,
        )


class ActionDetail(Door):
    """One action with its current version."""

    http_method_names = ["get", "head", "put"]

    document: JSONObject

    def take_in(self, request: Request) -> None:
        """Read the document of a definition."""
        super().take_in(request)
        if request.method == "PUT":
            self.document = intake.body_of(request, shape={"type": "object"})

    @operations.READ_ACTION
    def get(self, request: Request, name: str) -> Response:
        """The action."""
        self.check_action(name)
        row = Action.objects.named(name)
        if row is None or row.current is None:
            raise ActionNotFound(self.no_such_action(name))
        return self._shown(row)

    @operations.DEFINE_ACTION
    def put(self, request: Request, name: str) -> Response:
        """Define it by a document; changing one needs the version that the caller has seen."""
        registry.check_name(name)
        self.check_action(name)
        expected = intake.expected_version(request)
        if expected is None and Action.objects.named(name) is not None:
            raise VersionRequired(
                f"The action {name} is there already; read it, and send its ETag as If-Match."
            )
        defined = definitions.define(
            name,
            self.document,
            by=self.principal.actor,
            expected=expected or 0,
            must_exist=expected is not None,
        )
        code = status.HTTP_201_CREATED if defined.is_new else status.HTTP_200_OK
        return self._shown(defined.action, code=code)

    def _shown(self, row: Action, *, code: int = status.HTTP_200_OK) -> Response:
        number = row.current.number if row.current else 0
        return tagged(self.request, bodies.action(row), number=number, code=code)


class ActionSwitch(Door):
    """A command to one action; its body may be left out."""

    shape: ClassVar[dict[str, Any]]

    body: JSONObject

    def take_in(self, request: Request) -> None:
        """Read the body."""
        super().take_in(request)
        self.body = intake.body_of(request, shape=self.shape, may_be_empty=True)


class ActionDisable(ActionSwitch):
    """No new executions of an action; a repeat has no further effect."""

    shape = DISABLE

    @operations.DISABLE_ACTION
    def post(self, request: Request, name: str) -> Response:
        """Disable it, with the note that whoever is refused will read."""
        self.check_action(name)
        note = str(self.body.get("note", ""))
        return Response(
            bodies.action(definitions.disable(name, by=self.principal.actor, note=note))
        )


class ActionEnable(ActionSwitch):
    """Executions of an action again; a repeat has no further effect."""

    shape = ENABLE

    @operations.ENABLE_ACTION
    def post(self, request: Request, name: str) -> Response:
        """Enable it."""
        self.check_action(name)
        return Response(bodies.action(definitions.enable(name, by=self.principal.actor)))
