"""What an address is about: the run or the workflow, as far as the reader may know of it.

Floor 5, a door.
"""

from actions import ids
from actions.web.door import PageRequest
from workflows.definitions import no_such_version
from workflows.errors import RunNotFound, WorkflowNotFound
from workflows.models import Run, Step, Workflow, WorkflowVersion


def find_run(request: PageRequest, shown_id: str) -> Run:
    """The run of that id with its version; raises RunNotFound."""
    try:
        identity = ids.parse(ids.PREFIX_RUN, shown_id)
    except ValueError as wrong:
        raise RunNotFound(f"There is no run {shown_id[:60]}. {wrong}") from wrong
    run = Run.objects.by_id(identity)
    if run is None or not request.principal.sees(run.workflow_name):
        raise RunNotFound(f"There is no run {shown_id}. The list has all that are kept.")
    return run


def find_step(run: Run, name: str) -> Step | None:
    """The step of that name in a run; None for any other text."""
    return Step.objects.named_in(run.id, name) if name.isprintable() else None


def find_workflow(request: PageRequest, name: str) -> Workflow:
    """The workflow of that name with its active version; raises WorkflowNotFound."""
    is_possible = name.isprintable() and request.principal.sees(name)
    workflow = Workflow.objects.named(name) if is_possible else None
    if workflow is None:
        raise WorkflowNotFound(f"There is no workflow {name[:100]!r}. The list has them all.")
    return workflow


def find_version(workflow: Workflow, number: int) -> WorkflowVersion:
    """One version of a workflow; raises WorkflowVersionNotFound."""
    version = WorkflowVersion.objects.numbered(workflow.name, number)
    if version is None:
        raise no_such_version(workflow.name, number)
    return version
