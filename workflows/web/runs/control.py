"""*Cancel…*, *Pause…*, *Resume…* and *Try again…*: each a question, and the press of its button.

Floor 5, a door.
"""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from actions.ids import PREFIX_RUN, show
from actions.web.confirm import Question, ask
from actions.web.door import PageRequest, going_to, page, require
from actions.web.forms.reason import reason_of
from workflows import reasons, runs
from workflows.models import Run, Step
from workflows.runs.reruns import wanted_reason
from workflows.web.finding import find_run, find_step
from workflows.web.rights import WRITE_RUNS
from workflows.web.runs.steps import REPEATABLE


@require_safe
@page(WRITE_RUNS)
def cancel_form(request: PageRequest, shown_id: str) -> HttpResponse:
    """What cancelling means now."""
    run = find_run(request, shown_id)
    words = (
        "What waits ends at once, and no step follows. What runs is asked to stop; if it commits "
        "first, it has succeeded. Steps that have succeeded stay as they are."
    )
    if run.reason == reasons.COMPENSATING:
        words = (
            "What undoes its steps goes on, and the run ends as cancelled. Cancelling again gives up "
            "what waits by then."
        )
    if run.cancel_requested_at is not None:
        words = (
            "What would undo its steps, but waits for an action, for its turn or for another try, is "
            "given up, and the run ends. It says what was not undone."
        )
    return ask(request, _question(run, "cancel", words=words, button="Cancel the run"))


@page(WRITE_RUNS)
def cancel(request: PageRequest, shown_id: str) -> HttpResponse:
    """Ask the run to stop, or to give up its undoing, and lead back to it."""
    run = _writable(request, shown_id)
    runs.cancel(run_id=run.id, by=request.principal.actor, reason=reason_of(request))
    return leading_to(request, run)


@require_safe
@page(WRITE_RUNS)
def pause_form(request: PageRequest, shown_id: str) -> HttpResponse:
    """What pausing means."""
    run = find_run(request, shown_id)
    words = (
        "No more steps begin until somebody resumes the run, nor does what would undo them. What runs "
        "is finished."
    )
    return ask(request, _question(run, "pause", words=words, button="Pause the run"))


@page(WRITE_RUNS)
def pause(request: PageRequest, shown_id: str) -> HttpResponse:
    """Hold the run up and lead back to it."""
    run = _writable(request, shown_id)
    runs.pause(run_id=run.id, by=request.principal.actor, note=reason_of(request))
    return leading_to(request, run)


@require_safe
@page(WRITE_RUNS)
def resume_form(request: PageRequest, shown_id: str) -> HttpResponse:
    """What resuming means."""
    run = find_run(request, shown_id)
    words = "It goes on from where it was held up."
    return ask(request, _question(run, "resume", words=words, button="Resume the run"))


@page(WRITE_RUNS)
def resume(request: PageRequest, shown_id: str) -> HttpResponse:
    """Let the run go on and lead back to it."""
    run = _writable(request, shown_id)
    runs.resume(run_id=run.id, by=request.principal.actor, note=reason_of(request))
    return leading_to(request, run)


@require_safe
@page(WRITE_RUNS)
def again_form(request: PageRequest, shown_id: str, step: str) -> HttpResponse:
    """What another try of a step means."""
    run = find_run(request, shown_id)
    refusal = _refusal_of_again(run, found := find_step(run, step))
    wanted = wanted_reason(run, found) if found is not None and not refusal else None
    question = Question(
        title=f"Try {step[:63]} again?",
        subject=run.shown_id,
        words="In this run the step gets a new execution, and the run goes on from there. What has "
        "succeeded stays as it is; of a map only the rest is executed.",
        button=f"Try {step[:63]} again",
        url=reverse("workflows-web:step-again", args=[run.shown_id, step]),
        back=url_of(run),
        takes_reason=True,
        why_reason=wanted.why if wanted else "",
        look_at=_url(wanted.run_id) if wanted and wanted.run_id else "",
        refusal=refusal,
        keep="Leave it",
        is_dangerous=False,
    )
    return ask(request, question)


@page(WRITE_RUNS)
def again(request: PageRequest, shown_id: str, step: str) -> HttpResponse:
    """Give a failed step another execution and lead back to its run."""
    run = _writable(request, shown_id)
    runs.step_again(run_id=run.id, step=step, by=request.principal.actor, reason=reason_of(request))
    return leading_to(request, run)


def url_of(run: Run) -> str:
    """The address of a run's page."""
    return _url(run.id)


def _url(run_id: UUID) -> str:
    return reverse("workflows-web:run", args=[show(PREFIX_RUN, run_id)])


def leading_to(request: PageRequest, run: Run) -> HttpResponse:
    """The way to a run's page, for a browser and for htmx."""
    return going_to(request, url_of(run))


def _writable(request: PageRequest, shown_id: str) -> Run:
    run = find_run(request, shown_id)
    require(request, WRITE_RUNS, name=run.workflow_name)
    return run


def _question(run: Run, verb: str, *, words: str, button: str) -> Question:
    return Question(
        title=f"{verb.capitalize()} {run.workflow_name}?",
        subject=run.shown_id,
        words=words,
        button=button,
        url=reverse(f"workflows-web:run-{verb}", args=[run.shown_id]),
        back=url_of(run),
        takes_reason=True,
        refusal=f"It has ended as {run.status}." if run.has_ended else "",
        keep="Leave it",
        is_dangerous=verb == "cancel",
    )


def _refusal_of_again(run: Run, step: Step | None) -> str:
    if step is None:
        return "The run has no such step."
    if not run.has_ended:
        return f"The run is {run.status}: cancel it, or wait until it has ended."
    if run.parent is not None:
        return f"This run is a step of {run.parent.shown_id}; re-run that one."
    if step.status not in REPEATABLE:
        return f"The step is {step.status}; only failed and cancelled ones can be tried again."
    return ""
