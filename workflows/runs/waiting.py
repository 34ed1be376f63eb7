"""Why a run does not go on: one function from rows to one sentence.

Floor 4. For pages and programs alike; `actions.executions.waiting` says it of executions. What a
sub-run or an element of a map waits for is what the run waits for, at any depth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from uuid import UUID

from actions.executions import waiting as of_executions
from actions.models import Action, Execution
from actions.states import DUE
from workflows import reasons
from workflows.definition import EventStep
from workflows.models import Run, RunEvent, Step
from workflows.runs import plans
from workflows.states import ADDED, HANDLER, UNDO, RunStatus, StepStatus, is_undo

HOLDERS_SHOWN = 3
# So many steps, sub-runs or elements of a map speak for all others like them.
LOOKED_AT = 5
# So many maps and sub-runs are looked into at all.
MAX_LOOKS = 25
# So much is quoted of what somebody has written.
MAX_QUOTE = 300

# What a person can end comes first, what only time ends last.
_LATER = {reasons.APPROVAL: 1, reasons.EVENT: 1, reasons.PAUSED: 1, "not_due": 3, reasons.TIME: 4}
_OTHERS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """The reason for programs, the sentence for people, and whether somebody has to do something.

    `step` is the step that waits, empty if the run does; `held_by` are runs or executions. If what
    it waits for is in a sub-run, at any depth, `run` is that one.
    """

    reason: str
    sentence: str
    step: str = ""
    needs_help: bool = False
    held_by: tuple[str, ...] = ()
    run: str = ""


def why_waiting(
    run: Run, active: Sequence[Step], executions: Mapping[UUID, Execution]
) -> Waiting | None:
    """What the whole run waits for, or what it needs help with; None while it goes on, or has ended.

    `active` are its steps that have begun and not ended, with their executions. Of several it is the
    one that a person can end first, with the number of the others.
    """
    cause = _Search().of_run(run, active, executions)
    if cause is None:
        return None
    sentence = cause.told.sentence
    if cause.run.id != run.id:
        below = f"{cause.run.shown_id} of {cause.run.workflow_name}"
        sentence = f"Step {cause.told.step} waits for its run {below}. {sentence}"
    # What undoes a run, or handles its failure, waits in one that is known to end badly, at any time.
    is_ending = any(step.name.startswith(ADDED) for step in active)
    if run.status == RunStatus.PAUSED and not is_ending:
        sentence += _time_up(run)
    if cause.others:
        sentence += " 1 more waits." if cause.others == 1 else f" {cause.others:,} more wait."
    return replace(cause.told, sentence=sentence + ("" if is_ending else _failed_already(run)))


def _failed_already(run: Run) -> str:
    """That the run will fail whatever is done about what it waits for."""
    failed = Step.objects.failures([run.id]).first() if run.status != RunStatus.QUEUED else None
    if failed is None:
        return ""
    how = "failed" if failed.status == StepStatus.FAILED else "was cancelled"
    return f" Step {failed.name} {how} already, so the run will not succeed."


def _time_up(run: Run) -> str:
    """When the time of a run is over, which goes on while it is paused."""
    seconds = plans.of(run.version_id).definition.timeout_seconds
    began = RunEvent.objects.opened_at(run.id) or run.started_at
    if seconds is None or began is None:
        return ""
    until = (began + timedelta(seconds=seconds)).astimezone(UTC)
    return f" Its time goes on meanwhile, and is up at {until:%Y-%m-%d %H:%M:%S} UTC."


@dataclass(frozen=True, kw_only=True, slots=True)
class _Cause:
    """What something waits for, in which run that is, and how many wait beside it."""

    run: Run
    told: Waiting
    others: int = 0

    @property
    def rank(self) -> int:
        """The smallest is told."""
        return 0 if self.told.needs_help else _LATER.get(self.told.reason, _OTHERS)


class _Search:
    """Looks for causes in a run and below it, for a bounded number of statements."""

    def __init__(self) -> None:
        self._looks = MAX_LOOKS

    def of_run(
        self, run: Run, active: Sequence[Step], executions: Mapping[UUID, Execution]
    ) -> _Cause | None:
        """The cause for a whole run."""
        if run.status == RunStatus.QUEUED:
            return _Cause(run=run, told=self._queued(run))
        if run.status == RunStatus.PAUSED:
            return _Cause(run=run, told=_paused(active))
        return self._of_steps(run, active, executions)

    def _of_steps(
        self,
        run: Run,
        active: Sequence[Step],
        executions: Mapping[UUID, Execution],
        *,
        unseen: int = 0,
    ) -> _Cause | None:
        """The cause that is told for steps, or elements of a map; `unseen` are others like them."""
        due, within, others = _parted(active, executions)
        found: list[_Cause | None] = [_cause(run, _of_step(run, step)) for step in others]
        # Each of these costs some statements; the first few speak for all.
        found += [_cause(run, _of_execution(*one)) for one in due[:LOOKED_AT]]
        looked = within[: min(LOOKED_AT, self._looks)]
        self._looks -= len(looked)
        found += [self._within(run, step) for step in looked]
        unseen += len(active) - len(found)
        told = sorted((one for one in found if one is not None), key=lambda one: one.rank)
        if not told or not (told[0].told.reason in _BLOCKED or len(told) == len(found)):
            return None
        return replace(told[0], others=sum(1 + one.others for one in told) - 1 + unseen)

    def _within(self, run: Run, step: Step) -> _Cause | None:
        """What a map or a sub-run waits for."""
        if step.child_id is None:
            count = Step.objects.active_element_count(step)
            elements = Step.objects.telling_elements(step, limit=LOOKED_AT)
            unseen = count - len(elements)
            return self._of_steps(run, elements, _executions_of(elements), unseen=unseen)
        child = Run.objects.by_id(step.child_id)
        if child is None or child.has_ended:
            return None
        active = list(Step.objects.active([child.id]).order_by("position"))
        cause = self.of_run(child, active, _executions_of(active))
        if cause is None:
            return None
        told = replace(cause.told, step=str(step), run=cause.run.shown_id)
        return replace(cause, told=told)

    def _queued(self, run: Run) -> Waiting:
        sharing = Run.objects.of_key(run.workflow_name, run.concurrency_key or "")
        holders = list(sharing.holding()[:HOLDERS_SHOWN])
        shown = tuple(holder.shown_id for holder in holders)
        place = sharing.in_queue().older_than(run.id).count() + 1
        key = f"the concurrency key {run.concurrency_key} of {run.workflow_name}"
        held = f"{', '.join(shown)}, which {'holds' if len(shown) == 1 else 'hold'} {key}"
        stuck = [holder.shown_id for holder in holders if self._is_stuck(holder)]
        helped = "needs help first" if len(stuck) == 1 else "need help first"
        help_first = f" {', '.join(stuck)} {helped}." if stuck else ""
        return Waiting(
            reason=reasons.KEY,
            sentence=f"It waits for {held if shown else key}; it is number {place} in the queue."
            f"{help_first}",
            needs_help=bool(holders) and len(stuck) == len(holders),
            held_by=shown,
        )

    def _is_stuck(self, holder: Run) -> bool:
        """Whether a run that holds a place does not go on before somebody does something."""
        if self._looks <= 0:
            return False
        self._looks -= 1
        active = list(Step.objects.active([holder.id]).order_by("position"))
        cause = self.of_run(holder, active, _executions_of(active))
        return cause is not None and cause.told.needs_help


def _executions_of(steps: Sequence[Step]) -> Mapping[UUID, Execution]:
    wanted = [step.execution_id for step in steps if step.execution_id]
    found = Execution.objects.among(wanted).with_version() if wanted else ()
    return {execution.id: execution for execution in found}


def _cause(run: Run, told: Waiting | None) -> _Cause | None:
    return _Cause(run=run, told=told) if told is not None else None


def _parted(
    active: Sequence[Step], executions: Mapping[UUID, Execution]
) -> tuple[list[tuple[Step, Execution]], list[Step], list[Step]]:
    """Steps whose executions wait for their turn; those made of others; and all others."""
    due: list[tuple[Step, Execution]] = []
    within: list[Step] = []
    others: list[Step] = []
    for step in active:
        execution = executions.get(step.execution_id) if step.execution_id else None
        if execution is not None and execution.status in DUE and step.kind != "wait":
            due.append((step, execution))
        elif step.status == StepStatus.QUEUED and (step.kind == "map" or step.child_id):
            within.append(step)
        else:
            others.append(step)
    return due, within, others


def _paused(active: Sequence[Step]) -> Waiting:
    """That somebody has to resume it, and what it does then if its steps have ended."""
    follows = next((step.name for step in active if step.reason == reasons.PAUSED), "")
    then = "to go on"
    if is_undo(follows):
        then = f"and it undoes what its steps have done, {follows.removeprefix(UNDO)} first"
    elif follows == HANDLER:
        then = "and it calls its failure handler"
    return Waiting(reason=reasons.PAUSED, sentence=f"It is paused. Resume it {then}.")


def _of_step(run: Run, step: Step) -> Waiting | None:
    if step.blocked_on:
        return _blocked(run, step)
    if step.status == StepStatus.WAITING and step.reason == reasons.PAUSED:
        return replace(_paused([step]), step=step.name)
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
        step=str(step),
        sentence=f"Step {step} waits. {found.sentence}",
        needs_help=found.needs_help,
        held_by=found.held_by,
    )


def _asked(run: Run, step: Step) -> str:
    definition = plans.of(run.version_id).step(step.name)
    if isinstance(definition, EventStep):
        return f"Step {step.name} waits for the event {definition.event}."
    return f"Step {step.name} waits for an answer: {_quoted(step.question)}"


def _quoted(text: str) -> str:
    """What somebody has written, on one line and not longer than a sentence."""
    line = " ".join(text[: 2 * MAX_QUOTE].split())
    return f"{line[:MAX_QUOTE]}…" if len(line) > MAX_QUOTE else line


def _blocked(run: Run, step: Step) -> Waiting:
    name = step.blocked_on
    cancel = "cancel the run"
    if step.is_handler:
        again = " twice" if is_undo(step.name) and run.cancel_requested_at is None else ""
        cancel = f"cancel the run{again}, which then ends without it"
    why = _BLOCKED[step.reason](name)
    return Waiting(
        reason=step.reason,
        step=str(step),
        sentence=f"Step {step} waits for the action {name}, which {why}, or {cancel}.",
        needs_help=True,
    )


def _missing(name: str) -> str:
    return "is not in the catalogue. Deploy the app that declares it and run manage.py sync_actions"


def _disabled(name: str) -> str:
    action = Action.objects.by_name(name)
    note = f": {_quoted(action.disabled_note)}" if action and action.disabled_note else ""
    return f"is disabled{note}. Enable it"


_BLOCKED = {reasons.ACTION_MISSING: _missing, reasons.ACTION_DISABLED: _disabled}
