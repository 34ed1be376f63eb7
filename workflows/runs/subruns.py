"""Runs that are a step of another run.

Floor 4.
"""

from collections.abc import Iterator

from actions.actors import Actor
from workflows import reasons
from workflows.definition import CallingStep
from workflows.models import Run, Step, Workflow, WorkflowVersion
from workflows.runs import calls, making
from workflows.runs.calls import Given
from workflows.runs.passage import Passage
from workflows.runs.refusals import StepRefused, check_params
from workflows.states import StepStatus

# A workflow may call another, which calls another; deeper than this it is a circle.
MAX_DEPTH = 20


def begin(passage: Passage, run: Run, step: Step, *, given: Given) -> None:
    """Start the workflow of a step, in its active version; raises StepRefused."""
    definition = passage.plan(run).step(step.name)
    assert isinstance(definition, CallingStep)  # noqa: S101  # the others call no workflow
    name = definition.call.name
    wish = making.RunWish(
        version=_active_version(name),
        params=given.params,
        sealed_before=given.secrets,
        by=Actor(kind="run", id=run.shown_id, label=run.workflow_name, trace_id=run.trace_id),
        parent=run,
        parent_step=step,
    )
    if _depth(passage, run) >= MAX_DEPTH:
        message = f"Runs are nested more than {MAX_DEPTH} deep; does a workflow call itself?"
        raise StepRefused("nested_too_deep", message)
    check_params(making.problems_of(wish), of=f"the workflow {name}")
    _check_no_circle(passage, run, wish)
    passage.begin(run, step, StepStatus.QUEUED, reason=reasons.SUB_RUN)
    child = making.make(passage, wish)
    step.child_id = child.id
    passage.change(step)
    calls.limit(passage, child, None, seconds=definition.timeout_seconds)


def _active_version(name: str) -> WorkflowVersion:
    workflow = Workflow.objects.named(name)
    if workflow is None or workflow.active is None or workflow.is_archived:
        message = f"There is no active version of the workflow {name}; publish one."
        raise StepRefused("workflow_missing", message)
    workflow.active.workflow = workflow
    return workflow.active


def _check_no_circle(passage: Passage, run: Run, wish: making.RunWish) -> None:
    """Refuse a sub-run that would wait for a run that waits for it."""
    for above in _above(passage, run):
        is_same = (above.workflow_name, above.concurrency_key) == (
            wish.version.workflow.name,
            wish.concurrency_key,
        )
        if is_same and above.concurrency_key is not None:
            raise StepRefused(
                "concurrency_key_held",
                f"{above.shown_id}, of which this is a step, has the concurrency key "
                f"{above.concurrency_key} of {above.workflow_name} itself; give the sub-run another.",
            )


def _above(passage: Passage, run: Run) -> Iterator[Run]:
    """The run itself, and those of which it is a step."""
    current: Run | None = run
    while current is not None:
        yield current
        current = passage.runs[current.parent_id] if current.parent_id is not None else None


def _depth(passage: Passage, run: Run) -> int:
    return sum(1 for _ in _above(passage, run)) - 1
