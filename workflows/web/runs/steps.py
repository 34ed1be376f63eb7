"""The steps of a run as rows of a table: how each stands, and why, in one line.

Floor 5, a door.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from actions.models import Execution
from actions.states import ExecutionStatus
from actions.templatetags.times import clock
from workflows import reasons
from workflows.definition import Step as Definition
from workflows.models import Run, Step
from workflows.runs import plans
from workflows.states import STEP_ACTIVE, StepStatus
from workflows.web.runs.phrases import line_of
from workflows.web.words import called_by, conditions_of

MAX_STEPS = 200
FAILED_ELEMENTS = 3
# Steps that can be tried again in their run.
REPEATABLE = frozenset({StepStatus.FAILED, StepStatus.CANCELLED})


@dataclass(frozen=True, kw_only=True, slots=True)
class StepRow:
    """One step; `look` and `word` are its mark, `outcome` says why it stands so."""

    step: Step
    execution: Execution | None
    called: str
    look: str
    word: str
    outcome: str
    failed_elements: tuple[Step, ...] = ()

    @property
    def is_failure(self) -> bool:
        """Whether the outcome is the cause of a failure."""
        return self.step.status == StepStatus.FAILED

    @property
    def is_ticking(self) -> bool:
        """Whether its time still runs."""
        return self.step.status in STEP_ACTIVE and self.step.started_at is not None

    @property
    def is_asking(self) -> bool:
        """Whether somebody is asked."""
        return self.step.status == StepStatus.WAITING and self.step.reason == reasons.APPROVAL

    @property
    def may_be_repeated(self) -> bool:
        """Whether it can be tried again in the same run, once that has ended."""
        return self.step.status in REPEATABLE

    @property
    def took(self) -> timedelta | None:
        """From its beginning to its end; a result that was taken over took nothing here."""
        begun, ended = self.step.started_at, self.step.finished_at
        was_there = self.step.status in (StepStatus.REUSED, StepStatus.SKIPPED)
        return ended - begun if begun and ended and not was_there else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Steps:
    """The steps that a page shows, with their executions by id."""

    steps: tuple[Step, ...]
    executions: Mapping[UUID, Execution]

    @property
    def active(self) -> tuple[Step, ...]:
        """Those that have begun and not ended."""
        return tuple(step for step in self.steps if step.status in STEP_ACTIVE)

    @property
    def living(self) -> tuple[Execution, ...]:
        """The executions of those."""
        found = map(self.execution_of, self.active)
        return tuple(execution for execution in found if execution is not None)

    def execution_of(self, step: Step) -> Execution | None:
        """The execution of a step, or the one whose result it has."""
        identity = step.execution_id or step.reused_from
        return self.executions.get(identity) if identity else None


def read_steps(run: Run) -> Steps:
    """Up to MAX_STEPS steps of a run; two queries."""
    steps = tuple(Step.objects.shown(run.id, limit=MAX_STEPS))
    wanted = [step.execution_id or step.reused_from for step in steps]
    found = Execution.objects.among([one for one in wanted if one]).with_version()
    return Steps(steps=steps, executions={execution.id: execution for execution in found})


def rows_of(run: Run, found: Steps) -> tuple[StepRow, ...]:
    """The rows of the steps, each after all that it waits for.

    Those of maps say how many elements stand how, which takes two queries more.
    """
    plan = plans.of(run.version_id)
    definitions, turns = plan.definition.steps, plan.turns
    has_maps = any(step.kind == "map" for step in found.steps)
    counts = Step.objects.states_of_elements(run.id) if has_maps else {}
    failed = Step.objects.first_failed_elements(run.id, limit=FAILED_ELEMENTS) if has_maps else []
    return tuple(
        _row(
            step,
            definitions.get(step.name),
            execution=found.execution_of(step),
            counts=counts.get(step.name, {}),
            failed=[element for element in failed if element.name == step.name],
        )
        for step in sorted(found.steps, key=lambda step: turns.get(step.name, len(turns)))
    )


def _row(
    step: Step,
    definition: Definition | None,
    *,
    execution: Execution | None,
    counts: Mapping[str, int],
    failed: Sequence[Step],
) -> StepRow:
    look, word = _mark(step, execution)
    return StepRow(
        step=step,
        execution=execution,
        called=called_by(definition),
        look=look,
        word=word,
        outcome=_counted(counts) or _outcome(step, execution, definition),
        failed_elements=tuple(failed),
    )


def _mark(step: Step, execution: Execution | None) -> tuple[str, str]:
    match step.status:
        case StepStatus.PENDING:
            return "planned", "not started"
        case StepStatus.WAITING if step.reason == reasons.PAUSED:
            return "waiting", "held up"
        case StepStatus.QUEUED if step.kind == "wait":
            return "scheduled", "waiting"
        case StepStatus.QUEUED:
            state = execution.status if execution is not None else "running"
            return state, state
    return step.status, step.status


def _outcome(step: Step, execution: Execution | None, definition: Definition | None) -> str:
    match step.status:
        case StepStatus.PENDING:
            return ", ".join(conditions_of(definition)) if definition else ""
        case StepStatus.QUEUED:
            return _under_way(step, execution)
        case StepStatus.WAITING:
            return _waiting(step)
        case StepStatus.FAILED:
            return line_of(step.error)
        case StepStatus.REUSED:
            return "Taken over from the earlier run; nothing was executed"
        case StepStatus.SKIPPED:
            told = (step.result or {}).get("why")
            return told or "Its condition was false, or all that it waited for was skipped"
        case StepStatus.SUCCEEDED:
            return _answered(step)
    return ""


def _under_way(step: Step, execution: Execution | None) -> str:
    if step.kind == "wait" and step.wake_at is not None:
        return f"Until {clock(step.wake_at)}"
    if execution is None:
        return "In a run of its own" if step.child_id else ""
    tried = f"Attempt {execution.attempt_count} of {execution.max_attempts}"
    match execution.status:
        case ExecutionStatus.RETRYING:
            again = clock(execution.run_at)
            return f"{tried} failed, the next at {again}: {line_of(execution.error)}"
        case ExecutionStatus.RUNNING:
            return tried
    return "Waits for a worker"


def _waiting(step: Step) -> str:
    if step.reason == reasons.APPROVAL:
        return step.question
    if step.reason == reasons.EVENT:
        return "Waits for an event that is sent to the run"
    if step.blocked_on:
        return f"Waits for the action {step.blocked_on}"
    return "Begins when the run is resumed"


def _answered(step: Step) -> str:
    result = step.result if isinstance(step.result, dict) else {}
    if step.kind == "map":
        return "The list was empty"
    if step.kind == "switch":
        return f"Chose {', '.join(result.get('chosen', ())) or 'nothing'}"
    if step.kind == "approval":
        said = f": {result['comment']}" if result.get("comment") else ""
        return f"{str(result.get('decision', '')).replace('_', ' ')} by {result.get('by')}{said}"
    return ""


def _counted(counts: Mapping[str, int]) -> str:
    """How the elements of a map stand: `7 of 10 elements succeeded, 2 failed.`"""
    whole = sum(counts.values())
    if not whole:
        return ""
    others = {name: count for name, count in counts.items() if name != StepStatus.SUCCEEDED}
    told = [f"{count:,} {_ELEMENT_WORDS.get(name, name)}" for name, count in others.items()]
    done = f"{counts.get(StepStatus.SUCCEEDED, 0):,} of {whole:,} elements succeeded"
    return f"{', '.join([done, *told])}."


_ELEMENT_WORDS: dict[str, str] = {StepStatus.PENDING: "not started", StepStatus.QUEUED: "under way"}
