"""What an idempotency key stands for, and how it is freed. Floor 5."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from actions import executions
from actions.access import READ_RUNS, WRITE_RUNS
from actions.api import bodies, intake
from actions.api.door import Door
from actions.api.openapi import keeping
from actions.api.permissions import method_of
from actions.api.shapes.requests import RELEASE
from actions.errors import (
    FieldProblem,
    IdempotencyKeyNotFound,
    InsufficientScope,
    MalformedRequest,
)
from actions.executions import holders
from actions.ids import PREFIX_RUN
from actions.jsontypes import JSONObject
from actions.models import IdempotencyRecord
from actions.states import KeyKind


class IdempotencyKeys(Door):
    """One key, named by its kind, the name of its action or workflow, and itself."""

    http_method_names = ["get", "head", "delete"]
    parameters: ClassVar[frozenset[str]] = frozenset({"kind", "name", "key"})

    body: JSONObject

    def take_in(self, request: Request) -> None:
        """Read the body of a release, which may be left out."""
        super().take_in(request)
        if request.method == "DELETE":
            self.body = intake.body_of(request, shape=RELEASE, may_be_empty=True)

    @keeping.READ_IDEMPOTENCY_KEY
    def get(self, request: Request) -> Response:
        """What it stands for now."""
        return Response(bodies.idempotency_key(self._found()))

    @keeping.RELEASE_IDEMPOTENCY_KEY
    def delete(self, request: Request) -> Response:
        """Free it: the next request with it executes anew."""
        record = self._found()
        released = executions.release(
            record, by=self.principal.actor, reason=str(self.body.get("reason", ""))
        )
        return Response(bodies.idempotency_key(released))

    def _found(self) -> IdempotencyRecord:
        kind = self.request.query_params.get("kind", "action")
        name, key = self._needed("name"), self._needed("key")
        if kind == KeyKind.WORKFLOW or name.startswith(f"{PREFIX_RUN}_"):
            self._check_may_touch_runs()
        found = IdempotencyRecord.objects.in_force(kind=kind, name=name, key=key)
        if found is None or not self.principal.sees(holders.find(found).name):
            raise IdempotencyKeyNotFound(
                f"No key in force of the kind {kind[:20]!r} has this name under {name[:100]!r}."
            )
        return found

    def _check_may_touch_runs(self) -> None:
        """The table of permissions does not know what a key is of."""
        needed = (READ_RUNS,) if method_of(self.request) == "GET" else (WRITE_RUNS, READ_RUNS)
        missing = [permission for permission in needed if not self.principal.may(permission)]
        if missing:
            raise InsufficientScope(
                f"{self.principal.actor.label} may not do this: the key of a run needs "
                f"{' and '.join(missing)}."
            )

    def _needed(self, name: str) -> str:
        value = self.request.query_params.get(name, "")
        if not value:
            detail = f"The query parameter {name} is missing; a key is named by name and key."
            problem = FieldProblem(pointer=f"/{name}", code="required", detail=detail)
            raise MalformedRequest(detail, errors=[problem])
        return value
