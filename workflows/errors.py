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
