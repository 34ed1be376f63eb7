"""One run: its sentence, its steps, and the fragment that keeps both fresh.

Floor 5, a door.
"""

import hashlib
from dataclasses import dataclass
from typing import Self

from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from actions import masking
from actions.ids import PREFIX_RUN, show
from actions.jsontypes import JSON
from actions.web.door import PageRequest, page
from workflows.models import Run, RunEvent
from workflows.runs import plans
from workflows.runs.waiting import Waiting, why_waiting
from workflows.states import RunStatus, StepStatus
from workflows.web.finding import find_run
from workflows.web.rights import READ_RUNS, WRITE_RUNS
from workflows.web.runs.phrases import sentence_of
from workflows.web.runs.rows import look_of
from workflows.web.runs.steps import StepRow, Steps, read_steps, rows_of

# How soon a page asks again.
BUSY_SECONDS, IDLE_SECONDS = 1, 3
MAX_EVENTS = 200
MAX_RERUNS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Controls:
    """What the reader may press now; `may_give_up` if the run ends sooner when asked once more."""

    may_write: bool
    run: Run
    may_give_up: bool = False

    @property
    def may_rerun(self) -> bool:
        """Whether it has ended, so that it can be run again."""
        return self.may_write and self.run.has_ended

    @property
    def may_cancel(self) -> bool:
        """Whether it can still be asked to stop, or to give up what undoes its steps."""
        return self._may_change and (self.may_give_up or not self.run.cancel_requested_at)

    @property
    def may_pause(self) -> bool:
        """Whether it can be held up."""
        return self._is_going_on and self.run.paused_at is None

    @property
    def may_resume(self) -> bool:
        """Whether it is held up."""
        return self._may_change and self.run.paused_at is not None

    @property
    def _may_change(self) -> bool:
        return self.may_write and not self.run.has_ended

    @property
    def _is_going_on(self) -> bool:
        return self._may_change and not self.run.cancel_requested_at


@dataclass(frozen=True, kw_only=True, slots=True)
class Focus:
    """The step beside the table, with its params and its result, masked.

    `origin` is the earlier run whose result it has.
    """

    row: StepRow
    params: JSON
    result: JSON
    origin: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """What changes of a run: its steps, why nothing of it runs, and the tag of all that."""

    steps: Steps
    waiting: Waiting | None
    tag: str

    @classmethod
    def of(cls, run: Run) -> Self:
        """As it is now."""
        found = read_steps(run)
        waiting = _why_waiting(run, found)
        return cls(steps=found, waiting=waiting, tag=_tag(run, found, waiting))


@require_safe
@page(READ_RUNS)
def run_detail(request: PageRequest, shown_id: str) -> HttpResponse:
    """The page of one run."""
    run = find_run(request, shown_id)
    context = _context(request, run, state=State.of(run))
    return render(request, "workflows/run_detail.html", context)


@require_safe
@page(READ_RUNS)
def run_live(request: PageRequest, shown_id: str) -> HttpResponse:
    """The part of the page that changes; 304 while the tag that the page sends still holds."""
    run = find_run(request, shown_id)
    state = State.of(run)
    if request.headers.get("HX-PTag") == state.tag:
        return HttpResponseNotModified()
    response = render(request, "workflows/_run_live.html", _context(request, run, state=state))
    response["HX-PTag"] = state.tag
    return response


def controls_of(request: PageRequest, run: Run, *, may_give_up: bool) -> Controls:
    """What this reader may do with this run now."""
    may_write = request.principal.may(WRITE_RUNS, run.workflow_name)
    return Controls(may_write=may_write, run=run, may_give_up=may_give_up)


def _context(request: PageRequest, run: Run, *, state: State) -> dict[str, object]:
    found = state.steps
    events = RunEvent.objects.of(run.id).page(after=run.event_count - MAX_EVENTS, limit=MAX_EVENTS)
    rows = rows_of(run, found)
    chosen = request.GET.get("step", "")
    sentence = sentence_of(run, found.active, executions=found.executions, events=events)
    look, word = look_of(run)
    return {
        "run": run,
        "look": look,
        "word": word,
        "sentence": sentence,
        "announcement": f"{run.shown_id}: {sentence.text}",
        "waiting": state.waiting,
        "rows": rows,
        "step_count": len(plans.of(run.version_id).definition.steps),
        "focus": _focus(rows, chosen),
        "result": masking.masked(run.result),
        "events": events,
        "reruns": list(Run.objects.reruns_of(run.id)[:MAX_RERUNS]),
        "controls": controls_of(request, run, may_give_up=_may_give_up(state)),
        "live_url": _live_url(run, chosen),
        "poll_seconds": BUSY_SECONDS if run.status == RunStatus.RUNNING else IDLE_SECONDS,
        "tag": state.tag,
    }


def _why_waiting(run: Run, found: Steps) -> Waiting | None:
    """Whom it waits for in a queue or below it, or what it needs help with; else None.

    The heading says what else it may wait for.
    """
    told = why_waiting(run, found.active, found.executions)
    is_shown = told and (told.needs_help or told.run or run.status == RunStatus.QUEUED)
    return told if is_shown else None


def _may_give_up(state: State) -> bool:
    """Whether it is ending, or a run below it cannot end by itself."""
    is_ending = any(step.is_handler for step in state.steps.active)
    return is_ending or (state.waiting is not None and state.waiting.needs_help)


def _focus(rows: tuple[StepRow, ...], chosen: str) -> Focus | None:
    """The step that was chosen; else the first that failed, or at which somebody is asked."""
    wanted = [row for row in rows if row.step.name == chosen]
    urgent = [row for row in rows if row.is_failure or row.is_asking]
    row = next(iter([*wanted, *urgent]), None)
    return _focus_on(row) if row is not None else None


def _focus_on(row: StepRow) -> Focus:
    execution, own = row.execution, row.step.result
    if execution is None:
        return Focus(row=row, params=None, result=masking.masked(own), origin=_origin(row))
    version, result = execution.version, execution.result if own is None else own
    return Focus(
        row=row,
        params=masking.masked(execution.params, schema=version.params_schema),
        result=masking.masked(result, schema=version.result_schema),
        origin=_origin(row),
    )


def _origin(row: StepRow) -> str:
    """The run in which a step succeeded whose result was taken over; empty for any other."""
    step = row.step
    is_reused = step.status == StepStatus.REUSED
    found = Run.objects.origins(step.run_id).get(step.name) if is_reused else None
    return show(PREFIX_RUN, found.run_id) if found else ""


def _live_url(run: Run, chosen: str) -> str:
    """Where the page asks for changes; empty once there can be none."""
    if run.has_ended:
        return ""
    url = reverse("workflows-web:run-live", args=[run.shown_id])
    return f"{url}?{urlencode({'step': chosen})}" if chosen else url


def _tag(run: Run, found: Steps, waiting: Waiting | None) -> str:
    # An execution begins and is retried without a new revision of its run.
    facts = ",".join(f"{one.id}:{one.revision}" for one in found.living)
    return f"{run.revision}-{hashlib.sha256(f'{facts}{waiting}'.encode()).hexdigest()[:12]}"
