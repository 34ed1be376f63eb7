"""Definitions of workflows: a document, and what it stands for.

Floor 1, pure. `parse` turns a document of the right form into a frozen `Definition`, `read` as much
of it as can be read; SCHEMA and EXAMPLES describe the document. Whether a definition makes sense is
judged in `workflows.validation`.
"""

from workflows.definition import scope
from workflows.definition.definition import Definition, RunConcurrencyKey, digest_of
from workflows.definition.document import SCHEMA
from workflows.definition.examples import EXAMPLES
from workflows.definition.parsing import Reading, parse, read, refusal
from workflows.definition.steps import (
    ActionStep,
    ApprovalStep,
    Call,
    CallingStep,
    Case,
    ConcurrencyKey,
    EventStep,
    MapStep,
    Step,
    StepKind,
    SwitchStep,
    WaitStep,
    WorkflowStep,
)

__all__ = [
    "EXAMPLES",
    "SCHEMA",
    "ActionStep",
    "ApprovalStep",
    "Call",
    "CallingStep",
    "Case",
    "ConcurrencyKey",
    "Definition",
    "EventStep",
    "MapStep",
    "Reading",
    "RunConcurrencyKey",
    "Step",
    "StepKind",
    "SwitchStep",
    "WaitStep",
    "WorkflowStep",
    "digest_of",
    "parse",
    "read",
    "refusal",
    "scope",
]
