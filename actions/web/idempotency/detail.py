"""One idempotency key: what it stands for, who sent it, and what each was answered.

Floor 5, a door.
"""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from actions import ids
from actions.errors import IdempotencyKeyNotFound, MalformedRequest
from actions.filters import ExecutionFilters
from actions.models import Execution, ExecutionEvent, IdempotencyRecord
from actions.sentences import times
from actions.states import KeyState
from actions.web import curl, lists
from actions.web.door import PageRequest, page
from actions.web.executions.calls import call_of
from actions.web.idempotency.listing import KeyRow, row_of
from actions.web.lists import Asked, Page

SHOWN_EXECUTIONS = 20


@require_safe
@page("executions:read")
def key_detail(request: PageRequest, number: int) -> HttpResponse:
    """The page of one key."""
    row = find(request, number)
    asked = Asked.of(request)
    executions = _executions(row)
    events = _events(row, executions, asked)
    context = {
        "row": row,
        "record": row.record,
        "said": said(row),
        "executions": executions,
        "calls": [call_of(executions[each.execution_id], each) for each in events.rows],
        "page": events,
        "may_release": request.principal.may("executions:write"),
        "refusal": refusal_of(row),
        "curl": curl.of_path(request, f"/api/v1/idempotency-keys?{_query(row.record)}"),
    }
    return render(request, "actions/key_detail.html", context)


def find(request: PageRequest, number: int) -> KeyRow:
    """The key of that number; raises IdempotencyKeyNotFound."""
    record = IdempotencyRecord.objects.for_reading().numbered(number)
    if record is None or not request.principal.sees(record.execution.action_name):
        raise IdempotencyKeyNotFound(f"There is no idempotency key with the number {number}.")
    return row_of(record)


def refusal_of(row: KeyRow) -> str:
    """Why a key cannot be released now; empty if it can."""
    execution = row.record.execution
    match row.state:
        case KeyState.IN_USE:
            return f"{execution.shown_id} is {execution.status}: cancel it, or wait for its end."
        case KeyState.EXPIRED | KeyState.RELEASED:
            return "It is free already: the next request with it executes anew."
    return ""


def said(row: KeyRow) -> str:
    """What became of the requests that carried the key, in words."""
    record = row.record
    if row.is_command:
        return f"is the key of a command to {record.name}."
    words = [f"was executed {times(record.generation)}"]
    if record.hit_count:
        words.append(f"answered {times(record.hit_count)} from the record")
    if record.mismatch_count:
        words.append(f"refused {times(record.mismatch_count)} because other params came with it")
    return f"{', '.join(words)}."


def _executions(row: KeyRow) -> dict[UUID, Execution]:
    """Those that the key has had one after the other, the newest first."""
    record = row.record
    if row.is_command:
        return {record.execution.id: record.execution}
    filters = ExecutionFilters(action=(record.name,), key=record.key)
    found = Execution.objects.page(filters, limit=SHOWN_EXECUTIONS)
    return {each.id: each for each in found}


def _events(row: KeyRow, executions: dict[UUID, Execution], asked: Asked) -> Page[ExecutionEvent]:
    # An execution's log tells of its own key, and not of those of commands to it.
    found: Sequence[ExecutionEvent] = ()
    if not row.is_command:
        found = ExecutionEvent.objects.about_key(
            list(executions), limit=lists.PAGE_SIZE + 1, before=_place(asked.place)
        )
    return Page.of(asked, found, _place_of)


def _place_of(event: ExecutionEvent) -> str:
    return f"{ids.show(ids.PREFIX_EXECUTION, event.execution_id)}.{event.seq}"


def _place(text: str) -> tuple[UUID, int] | None:
    """The event after which the page begins, written by `_place_of`."""
    if not text:
        return None
    shown_id, _, seq = text.partition(".")
    try:
        return ids.parse(ids.PREFIX_EXECUTION, shown_id), int(seq[: lists.MAX_DIGITS])
    except ValueError as wrong:
        raise MalformedRequest(f"The list cannot begin from {text[:60]!r}.") from wrong


def _query(record: IdempotencyRecord) -> str:
    return urlencode({"kind": record.kind, "name": record.name, "key": record.key})
