"""Runs that are a step of another run.

Floor 4.
"""

from typing import Any

from actions.actors import Actor
from workflows import reasons
from workflows.definition import CallingStep
from workflows.models import Run, Step, Workflow, WorkflowVersion
from workflows.runs import making
from workflows.runs.passage import Passage
from workflows.runs.refusals import StepRefused, check_params
from workflows.states import StepStatus

# A workflow may call another, which calls another; deeper than this it is a circle.
MAX_DEPTH = 20


def begin(passage: Passage, run: Run, step: Step, *, params: Any) -> None:
    """Start the workflow of a step, in its active version; raises StepRefused."""
    definition = passage.plan(run).step(step.name)
    assert isinstance(definition, CallingStep)  # noqa: S101  # the others call no workflow
    name = definition.call.name
    wish = making.RunWish(
        version=_active_version(name),
        params=params,
        by=Actor(kind="run", id=run.shown_id, label=run.workflow_name, trace_id=run.trace_id),
        parent=run,
        parent_step=step,
    )
    if _depth(passage, run) >= MAX_DEPTH:
        message = f"Runs are nested more than {MAX_DEPTH} deep; does a workflow call itself?"
        raise StepRefused("nested_too_deep", message)
    check_params(making.problems_of(wish), of=f"the workflow {name}")
    passage.begin(run, step, StepStatus.QUEUED, reason=reasons.SUB_RUN)
    step.child_id = making.make(passage, wish).id
    passage.change(step)


def _active_version(name: str) -> WorkflowVersion:
    workflow = Workflow.objects.named(name)
    if workflow is None or workflow.active is None or workflow.is_archived:
        message = f"There is no active version of the workflow {name}; publish one."
        raise StepRefused("workflow_missing", message)
    workflow.active.workflow = workflow
    return workflow.active


def _depth(passage: Passage, run: Run) -> int:
    depth, current = 0, run
    while current.parent_id is not None:
        depth, current = depth + 1, passage.runs[current.parent_id]
    return depth
