"""What can be refused about workflows.

Floor 1, pure. The kinds that they share with actions are in `actions.errors`.
"""

from actions.errors import Refusal


class WorkflowNotFound(Refusal):
    """No workflow has that name, or it is outside the caller's patterns."""

    code = "workflow-not-found"


class WorkflowVersionNotFound(Refusal):
    """The workflow has no version of that number."""

    code = "workflow-version-not-found"


class WorkflowExists(Refusal):
    """A workflow of that name is there already."""

    code = "workflow-exists"


class WorkflowArchived(Refusal):
    """The workflow has been archived."""

    code = "workflow-archived"


class RunNotFound(Refusal):
    """No run has that id, or its workflow is outside the caller's patterns."""

    code = "run-not-found"


class BulkRerunNotFound(Refusal):
    """No bulk re-run has that id, or one of its workflows is outside the caller's patterns."""

    code = "bulk-rerun-not-found"


class RunHasEnded(Refusal):
    """What is asked needs a run that goes on."""

    code = "run-has-ended"


class RunGoesOn(Refusal):
    """What is asked needs a run that has ended."""

    code = "run-goes-on"


class StepNotWaiting(Refusal):
    """Nobody is asked at that step, or not any more."""

    code = "step-not-waiting"


class ConcurrencyKeyHeld(Refusal):
    """Other runs hold all the places of the run's concurrency key, and it may not wait for one."""

    code = "concurrency-key-held"


class SituationChanged(Refusal):
    """What was confirmed is not what would happen now."""

    code = "situation-changed"
