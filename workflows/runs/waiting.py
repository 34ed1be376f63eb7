"""Why a run does not go on: one function from rows to one sentence.

Floor 4. For pages and programs alike; `actions.executions.waiting` says it of executions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from actions.executions import waiting as of_executions
from actions.models import Action, Execution
from actions.states import DUE
from workflows import reasons
from workflows.definition import EventStep
from workflows.models import Run, Step
from workflows.runs import plans
from workflows.states import RunStatus, StepStatus

HOLDERS_SHOWN = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """The reason for programs, the sentence for people, and whether somebody has to do something.

    `step` is the step that waits, empty if the run does; `held_by` are runs or executions.
    """

    reason: str
    sentence: str
    step: str = ""
    needs_help: bool = False
    held_by: tuple[str, ...] = ()


def why_waiting(
    run: Run, active: Sequence[Step], executions: Mapping[UUID, Execution]
) -> Waiting | None:
    """What the whole run waits for, or what it needs help with; None while it goes on, or has ended.

    `active` are its steps that have begun and not ended, with their executions.
    """
    if run.status == RunStatus.QUEUED:
        return _queued(run)
    if run.status == RunStatus.PAUSED:
        return Waiting(reason=reasons.PAUSED, sentence="It is paused. Resume it to go on.")
    found = [_of_step(run, step, executions) for step in active]
    told = sorted((one for one in found if one is not None), key=lambda one: not one.needs_help)
    is_told = bool(told) and (told[0].reason in _BLOCKED or len(told) == len(found))
    return told[0] if is_told else None


def _queued(run: Run) -> Waiting:
    sharing = Run.objects.of_key(run.workflow_name, run.concurrency_key or "")
    holders = sharing.exclude(status=RunStatus.QUEUED)
    shown = tuple(holder.shown_id for holder in holders[:HOLDERS_SHOWN])
    place = sharing.filter(status=RunStatus.QUEUED, id__lt=run.id).count() + 1
    key = f"the concurrency key {run.concurrency_key} of {run.workflow_name}"
    held = f"{', '.join(shown)}, which {'holds' if len(shown) == 1 else 'hold'} {key}"
    return Waiting(
        reason=reasons.KEY,
        sentence=f"It waits for {held if shown else key}; it is number {place} in the queue.",
        held_by=shown,
    )


def _of_step(run: Run, step: Step, executions: Mapping[UUID, Execution]) -> Waiting | None:
    if step.kind == "map" and step.status == StepStatus.QUEUED:
        element = Step.objects.blocked_elements(run.id).filter(name=step.name).first()
        return _blocked(element) if element is not None else None
    if step.blocked_on:
        return _blocked(step)
    if step.status == StepStatus.WAITING:
        return Waiting(reason=step.reason, step=step.name, sentence=_asked(run, step))
    if step.kind == "wait" and step.wake_at is not None:
        until = f"Step {step.name} waits until {step.wake_at:%Y-%m-%d %H:%M:%S} UTC."
        return Waiting(reason=reasons.TIME, step=step.name, sentence=until)
    execution = executions.get(step.execution_id) if step.execution_id else None
    return _of_execution(step, execution) if execution is not None else None


def _of_execution(step: Step, execution: Execution) -> Waiting | None:
    found = of_executions.why_waiting(execution) if execution.status in DUE else None
    if found is None:
        return None
    return Waiting(
        reason=found.reason,
        step=step.name,
        sentence=f"Step {step.name} waits. {found.sentence}",
        needs_help=found.needs_help,
        held_by=found.held_by,
    )


def _asked(run: Run, step: Step) -> str:
    definition = plans.of(run.version_id).step(step.name)
    if isinstance(definition, EventStep):
        return f"Step {step.name} waits for the event {definition.event}."
    return f"Step {step.name} waits for an answer: {step.question}"


def _blocked(step: Step) -> Waiting:
    name = step.blocked_on
    return Waiting(
        reason=step.reason,
        step=str(step),
        sentence=f"Step {step} waits for the action {name}, which {_BLOCKED[step.reason](name)}",
        needs_help=True,
    )


def _missing(name: str) -> str:
    return (
        "is not in the catalogue. Deploy the app that declares it and run manage.py sync_actions, or "
        "cancel the run."
    )


def _disabled(name: str) -> str:
    action = Action.objects.by_name(name)
    note = f": {action.disabled_note}" if action is not None and action.disabled_note else ""
    return f"is disabled{note}. Enable it, or cancel the run."


_BLOCKED = {reasons.ACTION_MISSING: _missing, reasons.ACTION_DISABLED: _disabled}
