"""Answer an approval, and end what has waited too long.

Floor 4.
"""

from typing import Any, Literal
from uuid import UUID

from actions import masking
from actions.actors import Actor
from actions.errors import ParamsInvalid
from actions.jsontypes import JSONObject
from workflows.definition import ApprovalStep, EventStep
from workflows.errors import StepNotWaiting
from workflows.models import Run, RunEvent, Step
from workflows.runs import given, handlers
from workflows.runs.advance import on_locked_run
from workflows.runs.control import stop
from workflows.runs.keeper import done_before, remember
from workflows.runs.passage import Passage
from workflows.runs.refusals import error_of, fail
from workflows.states import RunEventType, StepStatus

Decision = Literal["approved", "rejected"]


def answer(
    *,
    run_id: UUID,
    step: str,
    decision: Decision,
    by: Actor,
    answer: JSONObject | None = None,
    comment: str | None = None,
    key: str | None = None,
) -> Run:
    """Answer the question of an approval step; who may answer is the caller's to check.

    With a `key`, the same call again changes nothing. Raises RunNotFound, StepNotWaiting,
    ParamsInvalid for an answer that does not fit the form, IdempotencyKeyReused, and VaultLocked for
    an answer with secrets while there is no key.
    """
    facts: JSONObject = {"decision": decision, "comment": comment}
    command: JSONObject = {"answer": {"step": step, "answer": answer, **facts}}
    with on_locked_run(run_id) as (passage, run):
        before = done_before(run, key=key, asked=command, by=by)
        if before is not None:
            return before
        asked, definition = _asked(passage, run, step)
        if decision == "approved":
            _check_form(definition, step, answer=answer)
        remember(run, key=key, asked=command)
        passage.log(run, RunEventType.ANSWERED, step=asked, by=by, facts=facts)
        shown, sealed = given.apart(answer, definition.form, run_id=run.id, place="answer")
        result = _result(passage, decision, answer=shown, comment=comment, by=by.label)
        if decision == "rejected" and definition.on_rejected == "fail":
            said = f": {comment}" if comment else ""
            fail(passage, run, asked, code="rejected", message=f"{by.label} rejected it{said}")
        else:
            passage.end(run, asked, StepStatus.SUCCEEDED, result=result, sealed=sealed)
    return run


def time_out(*, run_id: UUID, step: str | None, generation: int) -> None:
    """End a step, or the whole run, whose time is up; nothing if it has gone on meanwhile.

    Once a run is being undone, its time does not count any more.
    """
    with on_locked_run(run_id) as (passage, run):
        if run.has_ended:
            return
        if step is None:
            is_old = generation != RunEvent.objects.opening_count(run.id)
            if is_old or handlers.has_begun_to_undo(passage, run):
                return
            stop(passage, run, error=error_of(code="timeout", message="The run's time was up."))
            return
        for late in Step.objects.active([run.id]).filter(name=step, generation=generation):
            if late.status == StepStatus.WAITING:
                passage.know([late])
                _end_late(passage, run, late)


def _end_late(passage: Passage, run: Run, late: Step) -> None:
    definition = passage.plan(run).step(late.name)
    if not isinstance(definition, ApprovalStep | EventStep):
        return
    if definition.on_timeout == "fail":
        seconds = definition.timeout_seconds or 0
        message = f"Nobody came within {seconds:g} seconds."
        fail(passage, run, late, code="timeout", message=message)
        return
    if isinstance(definition, ApprovalStep):
        result = _result(passage, "timed_out", answer=None, comment=None, by=None)
    else:
        result = {"timed_out": True, "payload": None, "at": passage.now.isoformat()}
    passage.end(run, late, StepStatus.SUCCEEDED, result=result)


def _asked(passage: Passage, run: Run, name: str) -> tuple[Step, ApprovalStep]:
    definition = passage.plan(run).definition.steps.get(name)
    passage.load([(run.id, name)] if definition is not None else [])
    found = passage.step(run, name) if definition is not None else None
    if not isinstance(definition, ApprovalStep) or found is None:
        raise StepNotWaiting(f"{run.shown_id} has no approval step {name[:63]!r}.")
    if found.status != StepStatus.WAITING or found.reason != "approval":
        raise StepNotWaiting(f"Nobody is asked at {name} of {run.shown_id}; it is {found.status}.")
    return found, definition


def _check_form(definition: ApprovalStep, step: str, *, answer: JSONObject | None) -> None:
    problems = masking.misfits(definition.form, answer or {})
    if problems:
        first = problems[0]
        message = f"The answer to {step} is refused: at {first.pointer or 'the top'}: "
        raise ParamsInvalid(message + first.detail, errors=problems)


def _result(
    passage: Passage,
    decision: str,
    *,
    answer: JSONObject | None,
    comment: str | None,
    by: str | None,
) -> dict[str, Any]:
    return {
        "decision": decision,
        "answer": answer,
        "comment": comment,
        "by": by,
        "at": passage.now.isoformat(),
    }
