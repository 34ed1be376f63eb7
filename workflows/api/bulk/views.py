"""Bulk re-runs: count, start, list, one with its progress, its runs, stop. Floor 5."""

from typing import Any, ClassVar, cast

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from actions import ids
from actions.api import cursors, intake
from actions.api.bodies import page
from actions.api.door import Door
from actions.api.views.executions import DEFAULT_LIMIT
from actions.api.views.lists import MAX_LIMIT, PAGING
from actions.jsontypes import JSONObject
from workflows.api.bulk import bodies, operations, requests
from workflows.errors import BulkRerunNotFound
from workflows.models import BulkRerun, BulkRerunEntry
from workflows.runs import bulk
from workflows.runs.bulk import BulkWish


class BulkDoor(Door):
    """A view of bulk re-runs; `body` is what was sent, by the `shape` of the call."""

    body: dict[str, Any]

    def take_in(self, request: Request) -> None:
        """Read the body of a call that has one."""
        super().take_in(request)
        if request.method == "POST" and self.shape is not None:
            may_be_empty = "required" not in self.shape
            found = intake.body_of(request, shape=self.shape, may_be_empty=may_be_empty)
            self.body = cast("dict[str, Any]", found)

    def find_bulk(self, shown_id: str) -> BulkRerun:
        """The one of that id, if the caller may know of all its workflows; BulkRerunNotFound."""
        try:
            identity = ids.parse(ids.PREFIX_BULK, shown_id)
        except ValueError as wrong:
            raise BulkRerunNotFound(f"{wrong} Send the id as it was answered.") from None
        found = BulkRerun.objects.with_id(identity)
        if found is None or not all(map(self.principal.sees, found.workflow_names)):
            raise BulkRerunNotFound(
                f"There is no bulk re-run {shown_id}; /api/v1/bulk-reruns lists them."
            )
        return found

    def answer_for(self, row: BulkRerun) -> Response:
        """Answer with one of them."""
        (body,) = bodies.bulk_reruns([row])
        return Response(body)


class BulkRerunPreview(BulkDoor):
    """How many runs some filters find; nothing is stored."""

    http_method_names = ["post"]
    shape = requests.PREVIEW

    @operations.PREVIEW
    def post(self, request: Request) -> Response:
        """Count them."""
        return Response(bodies.preview(bulk.chosen_by(_filters(self.body), by=self.principal)))


class BulkRerunList(BulkDoor):
    """All bulk re-runs that the caller may know of, the newest first."""

    http_method_names = ["get", "head", "post"]
    parameters: ClassVar[frozenset[str]] = PAGING
    shape = requests.START

    @operations.LIST
    def get(self, request: Request) -> Response:
        """One page."""
        limit = intake.limit_of(request, default=DEFAULT_LIMIT, most=MAX_LIMIT)
        cursor = request.query_params.get("cursor")
        before = cursors.id_of(cursor) if cursor else None
        visible = BulkRerun.objects.named_like(self.principal.patterns)
        rows = visible.page(limit=limit + 1, before=before)
        following = cursors.after_id(rows[limit - 1].id) if len(rows) > limit else None
        return Response(page(bodies.bulk_reruns(rows[:limit]), next_cursor=following))

    @operations.START
    def post(self, request: Request) -> Response:
        """Freeze the list of runs, and begin."""
        asked = self.body
        wish = BulkWish(
            filters=_filters(asked),
            what=asked["what"],
            expected_count=asked["expected_count"],
            reason=asked["reason"],
            version=asked.get("version", "original"),
            spacing_seconds=asked.get("spacing_seconds", 1.0),
        )
        key = intake.key_of(request, cast("JSONObject", asked))
        started = bulk.start(wish, by=self.principal, key=key)
        answer = self.answer_for(started.bulk)
        answer["Location"] = answer.data["links"]["self"]
        if started.is_replay:
            answer["Idempotent-Replayed"], answer.data["replayed"] = "true", True
        else:
            answer.status_code = status.HTTP_201_CREATED
        return answer


class BulkRerunDetail(BulkDoor):
    """One bulk re-run with its progress."""

    http_method_names = ["get", "head"]

    @operations.READ
    def get(self, request: Request, bulk_id: str) -> Response:
        """As it is now."""
        return self.answer_for(self.find_bulk(bulk_id))


class BulkRerunRuns(BulkDoor):
    """The runs that were chosen, in the order in which they begin."""

    http_method_names = ["get", "head"]
    parameters: ClassVar[frozenset[str]] = PAGING

    @operations.LIST_RUNS
    def get(self, request: Request, bulk_id: str) -> Response:
        """One page."""
        found = self.find_bulk(bulk_id)
        limit = intake.limit_of(request, default=DEFAULT_LIMIT, most=MAX_LIMIT)
        cursor = request.query_params.get("cursor")
        after = cursors.number_of(cursor) if cursor else 0
        rows = BulkRerunEntry.objects.of(found.id).page(after=after, limit=limit + 1)
        following = cursors.after_number(rows[limit - 1].position) if len(rows) > limit else None
        return Response(page(map(bodies.entry, rows[:limit]), next_cursor=following))


class BulkRerunStop(BulkDoor):
    """A bulk re-run that begins no more runs. A repeat has no further effect."""

    http_method_names = ["post"]
    shape = requests.STOP

    @operations.STOP
    def post(self, request: Request, bulk_id: str) -> Response:
        """Stop it; what has begun goes on."""
        found = self.find_bulk(bulk_id)
        reason = str(self.body.get("reason", ""))
        return self.answer_for(bulk.stop(found.id, by=self.principal.actor, reason=reason))


def _filters(body: dict[str, Any]) -> dict[str, list[str]]:
    """Those of a body, as a query has them."""
    asked = body.get("filters", {})
    return {name: sent if isinstance(sent, list) else [sent] for name, sent in asked.items()}
