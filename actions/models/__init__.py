"""The rows: tables, constraints and every read of them.

Floor 2. Only the verbs of floor 4 write these rows.
"""

from actions.models.access import ApiKey
from actions.models.audit import AuditEvent
from actions.models.catalogue import Action, ActionVersion
from actions.models.execution import Execution
from actions.models.idempotency import IdempotencyRecord
from actions.models.limit import Limit
from actions.models.record import Attempt, ExecutionEvent, LogLine
from actions.models.rollup import RollUp, RollUpMark
from actions.models.seal import Seal, SealLeaf
from actions.models.vault import Secret, SecretVersion, VaultKey
from actions.models.worker import Worker

__all__ = [
    "Action",
    "ActionVersion",
    "ApiKey",
    "Attempt",
    "AuditEvent",
    "Execution",
    "ExecutionEvent",
    "IdempotencyRecord",
    "Limit",
    "LogLine",
    "RollUp",
    "RollUpMark",
    "Seal",
    "SealLeaf",
    "Secret",
    "SecretVersion",
    "VaultKey",
    "Worker",
]
