"""Approvals: the inbox of questions that wait, and the form in which one is answered.

Floor 5, a door.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.errors import FieldProblem, InsufficientScope, MalformedRequest, ParamsInvalid
from actions.jsontypes import JSONObject
from actions.web import lists
from actions.web.door import PageRequest, page
from actions.web.forms.example import defaults_of
from actions.web.forms.shape import Shape, shape_of
from actions.web.forms.submission import Sent
from actions.web.lists import Asked, Page
from workflows import reasons, runs
from workflows.definition import ApprovalStep
from workflows.errors import StepNotWaiting
from workflows.models import Run, Step
from workflows.runs import plans
from workflows.runs.answer import Decision
from workflows.runs.gates import may_answer
from workflows.states import StepStatus
from workflows.web.finding import find_run, find_step
from workflows.web.rights import READ_RUNS
from workflows.web.runs.choice import params_in
from workflows.web.runs.control import leading_to

MAX_COMMENT = 2_000
DECISIONS: dict[str, Decision] = {"approved": "approved", "rejected": "rejected"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """A question that waits: at which step of which run, and who may answer it."""

    run: Run
    step: Step
    definition: ApprovalStep
    is_mine: bool

    @property
    def who(self) -> str:
        """The roles and the people who may answer."""
        return ", ".join((*self.definition.roles, *self.definition.users))

    @property
    def shape(self) -> Shape:
        """The shape of what else is asked for."""
        return shape_of(self.definition.form)


@require_safe
@page(READ_RUNS)
def approval_list(request: PageRequest) -> HttpResponse:
    """The questions that wait, the newest first."""
    asked = Asked.of(request)
    visible = Step.objects.awaiting_an_answer(request.principal.patterns).before(_place(asked))
    shown = Page.of(asked, list(visible[: lists.PAGE_SIZE + 1]), lambda step: step.pk.hex)
    rows = [found for step in shown.rows if (found := _asking(request, step.run, step))]
    context = {"asked": asked, "page": shown, "rows": rows}
    return render(request, "workflows/approval_list.html", context)


@require_safe
@page(READ_RUNS)
def answer_form(request: PageRequest, shown_id: str, step: str) -> HttpResponse:
    """The question with its form."""
    asking = _find(request, shown_id, step)
    return _show(request, asking, Sent.beginning(asking.shape, defaults_of(asking.shape)))


# Who may answer is said by the step, which may name people without any other right.
@page(READ_RUNS)
def answer(request: PageRequest, shown_id: str, step: str) -> HttpResponse:
    """Give the answer and lead back to the run."""
    asking = _find(request, shown_id, step)
    _require(asking)
    sent = Sent.of(request.POST)
    if sent.switch_to:
        return _show(request, asking, sent.switched(asking.shape))
    try:
        _give(request, asking, sent)
    except ParamsInvalid as refusal:
        return _show(request, asking, sent, refusal=refusal)
    return leading_to(request, asking.run)


def _place(asked: Asked) -> UUID | None:
    try:
        return UUID(hex=asked.place) if asked.place else None
    except ValueError as wrong:
        raise MalformedRequest(f"The list cannot begin from {asked.place[:60]!r}.") from wrong


def _give(request: PageRequest, asking: Asking, sent: Sent) -> None:
    decision = DECISIONS.get(request.POST.get("decision", ""))
    if decision is None:
        raise ParamsInvalid("Press Approve or Reject.")
    given: JSONObject | None = None
    if decision == "approved":
        given = params_in(sent, asking.shape)
    runs.answer(
        run_id=asking.run.id,
        step=asking.step.name,
        decision=decision,
        by=request.principal.actor,
        answer=given,
        comment=_comment(request) or None,
    )


def _show(
    request: PageRequest, asking: Asking, sent: Sent, *, refusal: ParamsInvalid | None = None
) -> HttpResponse:
    problems: Sequence[FieldProblem] = refusal.errors if refusal else ()
    context = {
        "asking": asking,
        "run": asking.run,
        "step": asking.step,
        "form": sent.drawn(asking.shape, problems),
        "has_form": asking.shape.kind != "group" or bool(asking.shape.members),
        "comment": _comment(request),
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    return render(request, "workflows/run_answer.html", context, status=status)


def _find(request: PageRequest, shown_id: str, name: str) -> Asking:
    run = find_run(request, shown_id)
    step = find_step(run, name)
    asking = _asking(request, run, step) if step is not None else None
    if asking is None:
        raise MalformedRequest(f"{run.shown_id} asks nobody at {name[:63]!r}.")
    waits = asking.step.status == StepStatus.WAITING and asking.step.reason == reasons.APPROVAL
    if not waits:
        raise StepNotWaiting(
            f"Nobody is asked at {asking.step.name} of {run.shown_id} any more; "
            f"it is {asking.step.status}."
        )
    return asking


def _asking(request: PageRequest, run: Run, step: Step) -> Asking | None:
    definition = plans.of(run.version_id).definition.steps.get(step.name)
    if not isinstance(definition, ApprovalStep):
        return None
    return Asking(
        run=run,
        step=step,
        definition=definition,
        is_mine=may_answer(definition, request.principal),
    )


def _require(asking: Asking) -> None:
    if not asking.is_mine:
        raise InsufficientScope(
            f"The question at {asking.step.name} may be answered by {asking.who}. "
            "Your account is not among them."
        )


def _comment(request: PageRequest) -> str:
    return request.POST.get("comment", "").replace("\x00", "").strip()[:MAX_COMMENT]
