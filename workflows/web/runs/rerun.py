"""*Re-run…*: the choice, the list of what that would do with each step, and its confirmation.

Floor 5, a door. The confirmation sends the digest of the list that was shown; if something else
would happen by then, the new list is shown and nothing starts.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.errors import FieldProblem, IdempotencyKeyReused, ParamsInvalid, Refusal
from actions.ids import PREFIX_EXECUTION, PREFIX_RUN, show
from actions.web.door import CONFLICT, PageRequest, is_fragment, page, require
from actions.web.forms.keys import new_form_key
from workflows import runs
from workflows.errors import SituationChanged
from workflows.models import Run
from workflows.runs import plans
from workflows.runs.reruns import Entry, Preview, Verdict
from workflows.web.finding import find_run
from workflows.web.rights import WRITE_RUNS
from workflows.web.runs.choice import Choice, latest_of
from workflows.web.runs.control import leading_to
from workflows.web.runs.steps import MAX_STEPS

PAGE, DIALOG = "workflows/run_rerun.html", "workflows/_rerun_dialog.html"
OK, INVALID = 200, 422
CONFIRM = "confirm"
_ORDER = (Verdict.BLOCKED, Verdict.EXECUTE, Verdict.REUSE, Verdict.SKIP)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedStep:
    """One line of the list."""

    entry: Entry

    @property
    def source(self) -> str:
        """The execution whose result is reused."""
        return show(PREFIX_EXECUTION, self.entry.source) if self.entry.source else ""

    @property
    def source_run(self) -> str:
        """The run whose result is reused, or in which the step succeeded."""
        return show(PREFIX_RUN, self.entry.source_run) if self.entry.source_run else ""

    @property
    def anew(self) -> int:
        """How many elements of a map are executed."""
        return self.entry.element_count - self.entry.reused_count


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """What a re-run would do, as it is listed; `hidden` lines are too many to show."""

    preview: Preview
    steps: tuple[PlannedStep, ...]
    hidden: int
    counts: tuple[tuple[Verdict, int], ...]

    @property
    def superseded_by(self) -> str:
        """The last run that was made of the old one already."""
        last = self.preview.superseded_by
        return show(PREFIX_RUN, last) if last else ""

    @property
    def executes(self) -> int:
        """How many steps would be executed."""
        return dict(self.counts).get(Verdict.EXECUTE, 0)

    @property
    def may_be_skipped(self) -> bool:
        """Whether what an earlier step leads to can leave one of them out."""
        entries = self.preview.entries
        return any(one.is_conditional and one.verdict == Verdict.EXECUTE for one in entries)


@require_safe
@page(WRITE_RUNS)
def rerun_form(request: PageRequest, shown_id: str) -> HttpResponse:
    """The choice that the address names, with what it would do."""
    run = find_run(request, shown_id)
    return _show(request, Choice.beginning(request, run))


@page(WRITE_RUNS)
def rerun(request: PageRequest, shown_id: str) -> HttpResponse:
    """Start what was confirmed and lead to it; any other press shows what the choice would do."""
    run = find_run(request, shown_id)
    require(request, WRITE_RUNS, name=run.workflow_name)
    choice = Choice.posted(request, run)
    if choice.sent.switch_to:
        return _show(request, choice.switched())
    if CONFIRM not in request.POST:
        return _show(request, choice)
    try:
        new = _start(request, choice)
    except IdempotencyKeyReused:
        used = SituationChanged(
            "This form has started a re-run already, of something else. Confirm again to start this one."
        )
        return _show(request, choice, refusal=used)
    except (ParamsInvalid, SituationChanged) as refusal:
        return _show(request, choice, refusal=refusal)
    return leading_to(request, new)


def _start(request: PageRequest, choice: Choice) -> Run:
    """The new run, the same one if it is pressed again; another tab starts no second one unseen."""
    return runs.rerun(
        choice.wish(),
        digest=request.POST[CONFIRM],
        by=request.principal.actor,
        key=request.POST.get("form_key") or None,
        seen=choice.seen,
    )


def _show(request: PageRequest, choice: Choice, *, refusal: Refusal | None = None) -> HttpResponse:
    planned = None
    try:
        planned = _planned(runs.preview(choice.wish()))
    except ParamsInvalid as unreadable:
        refusal = unreadable
    context = {
        "run": choice.run,
        "choice": choice,
        "planned": planned,
        "refusal": refusal,
        "has_changed": isinstance(refusal, SituationChanged),
        "form_key": new_form_key(),
        "latest": latest_of(choice.run),
        "steps": _first_steps(choice),
        "form": choice.sent.drawn(choice.shape, _problems(refusal) if choice.is_edited else ()),
    }
    template = DIALOG if is_fragment(request) else PAGE
    return render(request, template, context, status=_status(refusal))


def _first_steps(choice: Choice) -> tuple[str, ...]:
    """The steps from which it can begin, and the one that was chosen."""
    offered = plans.of(choice.run.version_id).graph.order[:MAX_STEPS]
    is_missing = choice.step and choice.step not in offered
    return (*offered, choice.step) if is_missing else offered


def _problems(refusal: Refusal | None) -> Sequence[FieldProblem]:
    return refusal.errors if refusal is not None else ()


def _status(refusal: Refusal | None) -> int:
    if refusal is None:
        return OK
    return CONFLICT if isinstance(refusal, SituationChanged) else INVALID


def _planned(preview: Preview) -> Planned:
    turns = plans.of(preview.version.id).turns
    # What the version does not have comes last.
    entries = sorted(preview.entries, key=lambda entry: turns.get(entry.step, len(turns)))
    if len(entries) > MAX_STEPS:
        entries.sort(key=lambda entry: _ORDER.index(entry.verdict))
    counts = Counter(entry.verdict for entry in entries)
    return Planned(
        preview=preview,
        steps=tuple(PlannedStep(entry=entry) for entry in entries[:MAX_STEPS]),
        hidden=max(len(entries) - MAX_STEPS, 0),
        counts=tuple((verdict, counts[verdict]) for verdict in _ORDER if counts[verdict]),
    )
