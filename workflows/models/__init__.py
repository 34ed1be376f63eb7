"""The rows: tables, constraints and every read of them.

Floor 2. Only the verbs of floor 4 write these rows.
"""

from workflows.models.workflow import Workflow, WorkflowDraft, WorkflowVersion

__all__ = ["Workflow", "WorkflowDraft", "WorkflowVersion"]
