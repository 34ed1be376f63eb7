"""The list of idempotency keys.

Floor 5, a door.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from actions.access import READ_RUNS
from actions.executions import holders
from actions.filters import KeyFilters
from actions.models import IdempotencyRecord
from actions.models.holder import Holder
from actions.states import KeyKind, KeyState
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
    """One key, what it stands for, where it stands, and how that is drawn."""

    record: IdempotencyRecord
    holder: Holder
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
        """Whether it belongs to what somebody did to an execution or a run, such as a re-run."""
        return self.record.kind == KeyKind.COMMAND

    @property
    def is_of_run(self) -> bool:
        """Whether it stands for a run, and not for an execution."""
        return self.record.run_id is not None

    @property
    def what(self) -> str:
        """The word for what it stands for."""
        return "run" if self.is_of_run else "execution"

    @property
    def page_of_holder(self) -> str:
        """The name of the page of an execution or of a run."""
        return "workflows-web:run" if self.is_of_run else "web:execution"

    @property
    def page_of_name(self) -> str:
        """The name of the page of an action or of a workflow."""
        return "workflows-web:workflow" if self.is_of_run else "web:action"


@require_safe
@page("executions:read")
def key_list(request: PageRequest) -> HttpResponse:
    """Fifty keys, the one used first last, with the filters of the address."""
    asked = Asked.of(request)
    filters = KeyFilters.parse(asked.filters, statuses=holders.statuses())
    with bounded_reads():
        found = holders.page(
            filters,
            within=holders.tables() if request.principal.may(READ_RUNS) else [holders.EXECUTIONS],
            patterns=request.principal.patterns,
            limit=lists.PAGE_SIZE + 1,
            before=asked.number,
        )
        shown = Page.of(asked, found, lambda record: record.pk)
        rows = rows_of(shown.rows)
    context = {"asked": asked, "page": shown, "rows": rows, "filters": _fields(asked)}
    return render(request, "actions/key_list.html", context)


def rows_of(records: Sequence[IdempotencyRecord]) -> list[KeyRow]:
    """The rows of records that were read with whether they have been released."""
    now, found = timezone.now(), holders.find_all(records)
    held = ((each, found[each.holder_id]) for each in records)
    return [
        KeyRow(record=record, holder=holder, state=record.state(now, has_ended=holder.has_ended))
        for record, holder in held
    ]


def _fields(asked: Asked) -> tuple[Filter, ...]:
    return (
        Filter.writing(asked, "key", "Key"),
        Filter.writing(asked, "name", "Action or workflow"),
        Filter.choosing(asked, "state", [(str(each), WORDS[each]) for each in KeyState]),
        Filter.choosing(asked, "status", [(str(each), str(each)) for each in holders.statuses()]),
        Filter.choosing(asked, "kind", [(str(each), str(each)) for each in KeyKind]),
    )
