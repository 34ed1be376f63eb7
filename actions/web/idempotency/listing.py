"""The list of idempotency keys.

Floor 5, a door.
"""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from actions.filters import KeyFilters
from actions.models import IdempotencyRecord
from actions.states import ExecutionStatus, KeyKind, KeyState
from actions.web import lists
from actions.web.bounds import bounded_reads
from actions.web.door import PageRequest, page
from actions.web.lists import Asked, Filter, Page

LOOKS = {
    KeyState.IN_USE: "running",
    KeyState.FINISHED: "reused",
    KeyState.EXPIRED: "skipped",
    KeyState.RELEASED: "cancelled",
}
WORDS = {state: state.value.replace("_", " ") for state in KeyState}


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyRow:
    """One key, where it stands, and how that is drawn."""

    record: IdempotencyRecord
    state: KeyState

    @property
    def look(self) -> str:
        """The `data-state` of its mark."""
        return LOOKS[self.state]

    @property
    def words(self) -> str:
        """The word of its mark."""
        return WORDS[self.state]

    @property
    def is_command(self) -> bool:
        """Whether it belongs to a re-run or a cancellation."""
        return self.record.kind == KeyKind.COMMAND


@require_safe
@page("executions:read")
def key_list(request: PageRequest) -> HttpResponse:
    """Fifty keys, the one used first last, with the filters of the address."""
    asked = Asked.of(request)
    filters = KeyFilters.parse(asked.filters)
    with bounded_reads():
        visible = IdempotencyRecord.objects.named_like(request.principal.patterns)
        matching = visible.for_reading().matching(filters)
        found = matching.page(limit=lists.PAGE_SIZE + 1, before=asked.number)
    shown = Page.of(asked, found, lambda record: record.pk)
    context = {
        "asked": asked,
        "page": shown,
        "rows": [row_of(each) for each in shown.rows],
        "filters": _fields(asked),
    }
    return render(request, "actions/key_list.html", context)


def row_of(record: IdempotencyRecord) -> KeyRow:
    """The row of a record that was read by `for_reading`."""
    return KeyRow(record=record, state=record.state(timezone.now()))


def _fields(asked: Asked) -> tuple[Filter, ...]:
    return (
        Filter.writing(asked, "key", "Key"),
        Filter.writing(asked, "action", "Action"),
        Filter.choosing(asked, "state", [(str(each), WORDS[each]) for each in KeyState]),
        Filter.choosing(asked, "status", [(str(each), str(each)) for each in ExecutionStatus]),
        Filter.choosing(asked, "kind", [(str(each), str(each)) for each in KeyKind]),
    )
