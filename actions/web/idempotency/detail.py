"""One idempotency key: what it stands for, who sent it, and what each was answered.

Floor 5, a door.
"""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from actions import ids
from actions.access import READ_RUNS, WRITE_EXECUTIONS, WRITE_RUNS
from actions.errors import IdempotencyKeyNotFound, MalformedRequest
from actions.executions import holders
from actions.models import IdempotencyRecord
from actions.models.holder import Holder, HolderTable, KeyEvent
from actions.sentences import times
from actions.states import KeyState
from actions.web import curl, lists
from actions.web.bounds import bounded_reads
from actions.web.door import PageRequest, page, require
from actions.web.executions.calls import call_of
from actions.web.idempotency.listing import KeyRow, rows_of
from actions.web.lists import Asked, Page

SHOWN_HOLDERS = 20


@require_safe
@page("executions:read")
def key_detail(request: PageRequest, number: int) -> HttpResponse:
    """The page of one key."""
    row = find(request, number)
    asked = Asked.of(request)
    table = holders.table_of(row.record)
    with bounded_reads():
        held = _held(row, table)
        events = _events(row, held, asked, table=table)
    context = {
        "row": row,
        "record": row.record,
        "said": said(row),
        "held": held.values(),
        "calls": [call_of(held[each.holder_id].status, each) for each in events.rows],
        "page": events,
        "may_release": all(request.principal.may(each) for each in rights_to_release(row)),
        "refusal": refusal_of(row),
        "curl": curl.of_path(request, f"/api/v1/idempotency-keys?{_query(row.record)}"),
    }
    return render(request, "actions/key_detail.html", context)


def find(request: PageRequest, number: int) -> KeyRow:
    """The key of that number; raises IdempotencyKeyNotFound, and InsufficientScope for a run's."""
    record = holders.numbered(number)
    rows = [] if record is None else rows_of([record])
    if rows and rows[0].is_of_run:
        require(request, READ_RUNS)
    if not rows or not request.principal.sees(rows[0].holder.name):
        raise IdempotencyKeyNotFound(f"There is no idempotency key with the number {number}.")
    return rows[0]


def rights_to_release(row: KeyRow) -> tuple[str, ...]:
    """All that whoever releases the key must hold, as over REST."""
    return (WRITE_EXECUTIONS, WRITE_RUNS) if row.is_of_run else (WRITE_EXECUTIONS,)


def refusal_of(row: KeyRow) -> str:
    """Why a key cannot be released now; empty if it can."""
    holder = row.holder
    match row.state:
        case KeyState.IN_USE:
            return f"{holder.shown_id} is {holder.status}: cancel it, or wait for its end."
        case KeyState.EXPIRED | KeyState.RELEASED:
            return "It is free already: the next request with it executes anew."
    return ""


def said(row: KeyRow) -> str:
    """What became of the requests that carried the key, in words."""
    record = row.record
    words = [f"was {'run' if row.is_of_run else 'executed'} {times(record.generation)}"]
    other = "other params"
    if row.is_command:
        words, other = [f"is the key of a command to {record.name}"], "something else"
    if record.hit_count:
        words.append(f"answered {times(record.hit_count)} from the record")
    if record.mismatch_count:
        words.append(f"refused {times(record.mismatch_count)} because {other} came with it")
    return f"{', '.join(words)}."


def _held(row: KeyRow, table: HolderTable) -> dict[UUID, Holder]:
    """What the key has stood for, one after the other, the newest first."""
    if row.is_command:
        return {row.holder.id: row.holder}
    return table.under_key(row.record.name, row.record.key, limit=SHOWN_HOLDERS)


def _events(
    row: KeyRow, held: dict[UUID, Holder], asked: Asked, *, table: HolderTable
) -> Page[KeyEvent]:
    place, command = _place(asked.place, table), row.record.id if row.is_command else None
    found = table.events(list(held), limit=lists.PAGE_SIZE + 1, before=place, command=command)
    return Page.of(asked, found, lambda event: f"{held[event.holder_id].shown_id}.{event.seq}")


def _place(text: str, table: HolderTable) -> tuple[UUID, int] | None:
    """The event after which the page begins, as `_events` writes it."""
    if not text:
        return None
    shown_id, _, seq = text.partition(".")
    try:
        return ids.parse(table.prefix, shown_id), int(seq[: lists.MAX_DIGITS])
    except ValueError as wrong:
        raise MalformedRequest(f"The list cannot begin from {text[:60]!r}.") from wrong


def _query(record: IdempotencyRecord) -> str:
    return urlencode({"kind": record.kind, "name": record.name, "key": record.key})
