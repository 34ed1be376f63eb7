"""Whether a definition makes sense against the actions, workflows and secrets that there are.

Floor 1, pure. `validate` says everything at once: errors, which forbid to publish, and warnings.
"""

from workflows.validation.findings import MAX_PROBLEMS, Findings, Problem, Report
from workflows.validation.judging import judge, validate
from workflows.validation.schemas import sound
from workflows.validation.surroundings import (
    KnownAction,
    KnownWorkflow,
    Surroundings,
    asked_by,
    called_by,
)

__all__ = [
    "MAX_PROBLEMS",
    "Findings",
    "KnownAction",
    "KnownWorkflow",
    "Problem",
    "Report",
    "Surroundings",
    "asked_by",
    "called_by",
    "judge",
    "sound",
    "validate",
]
