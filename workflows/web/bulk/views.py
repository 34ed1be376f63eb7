"""The list of bulk re-runs, the page of one, and *Stop…*.

Floor 5, a door.
"""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from actions import ids
from actions.errors import MalformedRequest
from actions.web import lists
from actions.web.confirm import Question, ask
from actions.web.door import PageRequest, going_to, page
from actions.web.forms.reason import reason_of
from actions.web.lists import Asked, Page
from workflows.errors import BulkRerunNotFound
from workflows.models import BulkRerun, BulkRerunEntry
from workflows.models.bulk import Progress
from workflows.runs import bulk
from workflows.states import RunStatus
from workflows.web.rights import READ_RUNS, WRITE_RUNS

POLL_SECONDS = 2
_LOOKS: dict[str, str] = {
    "finished": "succeeded",
    "stopped": "cancelled",
    "left_over": "queued",
    "started": "running",
    RunStatus.PAUSED: "waiting",
    RunStatus.CANCELLING: "cancelled",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkRow:
    """One bulk re-run, and how far it has come."""

    bulk: BulkRerun
    progress: Progress

    @property
    def look(self) -> str:
        """How its state is drawn."""
        return _LOOKS.get(self.bulk.status, self.bulk.status)

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """What there is to say of its runs, without what is none."""
        said = self.progress
        left = "not begun" if self.bulk.finished_at else "to do"
        named = (
            (left, said.left_over),
            ("going on", said.going_on),
            ("succeeded", said.succeeded),
            ("failed", said.failed),
            ("cancelled", said.cancelled),
            ("skipped", said.skipped),
        )
        return tuple((word, count) for word, count in named if count)


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryRow:
    """One run that was chosen."""

    entry: BulkRerunEntry
    look: str
    word: str


@require_safe
@page(READ_RUNS)
def bulk_list(request: PageRequest) -> HttpResponse:
    """Fifty bulk re-runs, the newest first."""
    asked = Asked.of(request)
    visible = BulkRerun.objects.named_like(request.principal.patterns)
    found = visible.page(limit=lists.PAGE_SIZE + 1, before=_place(asked))
    shown = Page.of(asked, found, lambda one: one.shown_id)
    progress = BulkRerunEntry.objects.progress_of([one.id for one in shown.rows])
    rows = [BulkRow(bulk=one, progress=progress.get(one.id, Progress())) for one in shown.rows]
    return render(request, "workflows/bulk_list.html", {"page": shown, "rows": rows})


@require_safe
@page(READ_RUNS)
def bulk_detail(request: PageRequest, shown_id: str) -> HttpResponse:
    """What was asked, how far it has come, and what became of each run."""
    return render(request, "workflows/bulk_detail.html", _context(request, shown_id))


@require_safe
@page(READ_RUNS)
def bulk_live(request: PageRequest, shown_id: str) -> HttpResponse:
    """The part of the page that changes."""
    return render(request, "workflows/_bulk_live.html", _context(request, shown_id))


@require_safe
@page(WRITE_RUNS)
def stop_form(request: PageRequest, shown_id: str) -> HttpResponse:
    """What stopping means."""
    found = find_bulk(request, shown_id)
    question = Question(
        title="Stop the bulk re-run?",
        subject=found.shown_id,
        words="No more runs begin. Those that have begun go on; each has a page to cancel it.",
        button="Stop it",
        url=reverse("workflows-web:bulk-rerun-stop", args=[found.shown_id]),
        back=url_of(found),
        takes_reason=True,
        refusal=f"It is {found.status} already." if found.finished_at else "",
        keep="Let it go on",
    )
    return ask(request, question)


@page(WRITE_RUNS)
def stop(request: PageRequest, shown_id: str) -> HttpResponse:
    """Begin no more runs and lead back to it; stopping again changes nothing."""
    found = find_bulk(request, shown_id)
    bulk.stop(found.id, by=request.principal.actor, reason=reason_of(request))
    return leading_to(request, found)


def find_bulk(request: PageRequest, shown_id: str) -> BulkRerun:
    """The one of that id, if the reader may know of all its workflows; raises BulkRerunNotFound."""
    try:
        identity = ids.parse(ids.PREFIX_BULK, shown_id)
    except ValueError as wrong:
        raise BulkRerunNotFound(f"There is no bulk re-run {shown_id[:60]}. {wrong}") from wrong
    found = BulkRerun.objects.with_id(identity)
    if found is None or not all(map(request.principal.sees, found.workflow_names)):
        raise BulkRerunNotFound(f"There is no bulk re-run {shown_id}. The list has them all.")
    return found


def url_of(found: BulkRerun) -> str:
    """The address of its page."""
    return reverse("workflows-web:bulk-rerun", args=[found.shown_id])


def leading_to(request: PageRequest, found: BulkRerun) -> HttpResponse:
    """The way to its page, for a browser and for htmx."""
    return going_to(request, url_of(found))


def _context(request: PageRequest, shown_id: str) -> dict[str, object]:
    found, asked = find_bulk(request, shown_id), Asked.of(request)
    progress = BulkRerunEntry.objects.progress_of([found.id]).get(found.id, Progress())
    entries = BulkRerunEntry.objects.of(found.id)
    rows = entries.page(after=asked.number or 0, limit=lists.PAGE_SIZE + 1)
    shown = Page.of(asked, rows, lambda entry: entry.position)
    is_live = found.finished_at is None or progress.going_on > 0
    live = reverse("workflows-web:bulk-rerun-live", args=[found.shown_id])
    return {
        "bulk": found,
        "row": BulkRow(bulk=found, progress=progress),
        "entries": [_row(entry) for entry in shown.rows],
        "page": shown,
        "filters": {name: ", ".join(sent) for name, sent in found.filters.items()},
        "may_stop": found.finished_at is None and request.principal.may(WRITE_RUNS),
        "live_url": asked.url(asked.place).replace(asked.path, live, 1) if is_live else "",
        "poll_seconds": POLL_SECONDS,
    }


def _row(entry: BulkRerunEntry) -> EntryRow:
    status = entry.status
    word = status.replace("_", " ")
    return EntryRow(entry=entry, look=_LOOKS.get(status, status), word=word)


def _place(asked: Asked) -> UUID | None:
    try:
        return ids.parse(ids.PREFIX_BULK, asked.place) if asked.place else None
    except ValueError as wrong:
        raise MalformedRequest(f"The list cannot begin from {asked.place[:60]!r}.") from wrong
