"""The rows of workflows. Floor 2."""

from workflows.models.bulk import BulkRerun, BulkRerunEntry
from workflows.models.family import Origin
from workflows.models.record import RunEvent
from workflows.models.run import Run
from workflows.models.signal import RunSignal
from workflows.models.step import Step
from workflows.models.workflow import Workflow, WorkflowDraft, WorkflowVersion

__all__ = [
    "BulkRerun",
    "BulkRerunEntry",
    "Origin",
    "Run",
    "RunEvent",
    "RunSignal",
    "Step",
    "Workflow",
    "WorkflowDraft",
    "WorkflowVersion",
]
