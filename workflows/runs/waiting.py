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
LOOKED_AT = 5


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
    due, others = _parted(active, executions)
    elements = _blocked_elements(run, active)
    found = [_of_step(run, step, elements=elements) for step in others]
    # What waits for a worker costs some statements each; the first few speak for all.
    found += [_of_execution(*one) for one in due[:LOOKED_AT]]
    told = sorted((one for one in found if one is not None), key=lambda one: not one.needs_help)
    is_told = bool(told) and (told[0].reason in _BLOCKED or len(told) == len(found))
    return told[0] if is_told else None


def _parted(
    active: Sequence[Step], executions: Mapping[UUID, Execution]
) -> tuple[list[tuple[Step, Execution]], list[Step]]:
    """The steps whose executions wait for their turn, and all others."""
    due, others = [], []
    for step in active:
        execution = executions.get(step.execution_id) if step.execution_id else None
        if execution is not None and execution.status in DUE and step.kind != "wait":
            due.append((step, execution))
        else:
            others.append(step)
    return due, others


def _blocked_elements(run: Run, active: Sequence[Step]) -> Mapping[str, Step]:
    """For the maps of a run an element that waits for its action, if there is one."""
    has_maps = any(step.kind == "map" for step in active)
    return {one.name: one for one in Step.objects.blocked_elements(run.id)} if has_maps else {}


def _queued(run: Run) -> Waiting:
    sharing = Run.objects.of_key(run.workflow_name, run.concurrency_key or "")
    shown = tuple(holder.shown_id for holder in sharing.holding()[:HOLDERS_SHOWN])
    place = sharing.in_queue().older_than(run.id).count() + 1
    key = f"the concurrency key {run.concurrency_key} of {run.workflow_name}"
    held = f"{', '.join(shown)}, which {'holds' if len(shown) == 1 else 'hold'} {key}"
    return Waiting(
        reason=reasons.KEY,
        sentence=f"It waits for {held if shown else key}; it is number {place} in the queue.",
        held_by=shown,
    )


def _of_step(run: Run, step: Step, *, elements: Mapping[str, Step]) -> Waiting | None:
    blocked = step if step.blocked_on else elements.get(step.name)
    if blocked is not None:
        return _blocked(blocked)
    if step.status == StepStatus.WAITING:
        return Waiting(reason=step.reason, step=step.name, sentence=_asked(run, step))
    if step.kind == "wait" and step.wake_at is not None:
        until = f"Step {step.name} waits until {step.wake_at:%Y-%m-%d %H:%M:%S} UTC."
        return Waiting(reason=reasons.TIME, step=step.name, sentence=until)
    return None


def _of_execution(step: Step, execution: Execution) -> Waiting | None:
    found = of_executions.why_waiting(execution)
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
