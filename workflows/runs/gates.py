"""Who may answer a question, and which version a new run begins with.

Floor 4.
"""

from actions.access import WRITE_RUNS, Principal
from actions.errors import InsufficientScope
from workflows import definitions
from workflows.definition import ApprovalStep
from workflows.errors import StepNotWaiting, WorkflowArchived, WorkflowVersionNotFound
from workflows.models import Run, Workflow, WorkflowVersion
from workflows.runs import plans


def active_version(name: str) -> WorkflowVersion:
    """The version with which new runs of that workflow begin.

    Raises WorkflowNotFound, WorkflowArchived, and WorkflowVersionNotFound before one is active.
    """
    workflow = Workflow.objects.named(name)
    if workflow is None:
        raise definitions.no_such_workflow(name)
    return active_version_of(workflow)


def active_version_of(workflow: Workflow) -> WorkflowVersion:
    """The same, of a workflow that was read with its active version."""
    name = workflow.name
    if workflow.is_archived:
        raise _archived(name)
    if workflow.active is None:
        raise WorkflowVersionNotFound(f"The workflow {name} has no active version; publish one.")
    workflow.active.workflow = workflow
    return workflow.active


def check_in_use(name: str) -> None:
    """Raise WorkflowArchived for a workflow that takes no new runs, re-runs among them."""
    workflow = Workflow.objects.named(name)
    if workflow is not None and workflow.is_archived:
        raise _archived(name)


def _archived(name: str) -> WorkflowArchived:
    return WorkflowArchived(f"The workflow {name} is archived; take it out to run it.")


def may_answer(definition: ApprovalStep, by: Principal) -> bool:
    """Whether somebody has one of the roles of a question, or is a person whom it names.

    A role is had by whom all is granted that it grants. A program must also be allowed to change runs.
    """
    is_person = by.actor.kind == "user"
    is_named = is_person and by.actor.label in definition.users
    has_role = any(by.holds(role) for role in definition.roles)
    return is_named or (has_role and (is_person or by.may(WRITE_RUNS)))


def check_may_answer(run: Run, step: str, *, by: Principal) -> None:
    """Raise InsufficientScope for somebody whom the question is not for; StepNotWaiting."""
    definition = plans.of(run.version_id).definition.steps.get(step)
    if not isinstance(definition, ApprovalStep):
        raise StepNotWaiting(f"{run.shown_id} has no approval step {step[:63]!r}.")
    if not may_answer(definition, by):
        asked = " or ".join([*definition.roles, *definition.users])
        raise InsufficientScope(f"{by.actor.label} may not answer {step}: it asks {asked}.")
