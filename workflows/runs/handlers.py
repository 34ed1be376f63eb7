"""What a run does after its steps have ended: undo them, and tell somebody that it failed.

Floor 4. Each is a step of its own, whose name begins with `@`; one begins when the other has ended.
"""

from workflows import reasons
from workflows.models import Run, Step
from workflows.runs import calling
from workflows.runs.passage import Passage
from workflows.runs.refusals import failing
from workflows.states import HANDLER, STEP_PASSED, UNDO, RunStatus, StepStatus


def begin_next(passage: Passage, run: Run, outcome: RunStatus) -> bool:
    """Begin what is still to be done before the run ends so; false if that is nothing."""
    definition = passage.plan(run).definition
    steps = passage.all_steps(run) if _has_any(passage, run) else []
    known = {step.name for step in steps}
    if outcome in definition.compensate_after:
        for step in sorted(steps, key=_ended_last):
            name = f"{UNDO}{step.name}"
            if _is_to_be_undone(passage, run, step) and name not in known:
                return _begin(passage, run, name)
    if outcome == RunStatus.FAILED and definition.failure_handler and HANDLER not in known:
        return _begin(passage, run, HANDLER)
    return False


def reason_of(name: str) -> str:
    """Why a run goes on in which such a step does."""
    return reasons.HANDLING_FAILURE if name == HANDLER else reasons.COMPENSATING


def _has_any(passage: Passage, run: Run) -> bool:
    definition = passage.plan(run).definition
    undoes = any(getattr(step, "compensate", None) for step in definition.steps.values())
    return undoes or definition.failure_handler is not None


def _is_to_be_undone(passage: Passage, run: Run, step: Step) -> bool:
    if step.name not in passage.plan(run).definition.steps or step.status not in STEP_PASSED:
        return False
    return getattr(passage.plan(run).step(step.name), "compensate", None) is not None


def _ended_last(step: Step) -> tuple[float, int]:
    ended = step.finished_at.timestamp() if step.finished_at else 0.0
    return (-ended, -step.position)


def _begin(passage: Passage, run: Run, name: str) -> bool:
    plan = passage.plan(run)
    definition = plan.handler(name)
    step = Step(
        run_id=run.id,
        name=name,
        kind=definition.kind,
        position=len(passage.all_steps(run)),
        status=StepStatus.PENDING,
        waits_for=0,
        is_optional=True,
    )
    passage.add_steps([step])
    call(passage, run, step)
    return True


def call(passage: Passage, run: Run, step: Step) -> None:
    """Ask for what the step does."""
    plan = passage.plan(run)
    passage.scopes.read((run.id, needed) for needed in plan.needs(step.name))
    variables = passage.scopes.variables(run, plan.needs(step.name), error=run.error)
    with failing(passage, run, step):
        calling.call(passage, run, step, definition=plan.handler(step.name), variables=variables)
