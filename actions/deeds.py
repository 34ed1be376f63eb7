"""What people do to the installation itself, as the audit log names it.

Floor 1, pure.
"""

from dataclasses import dataclass
from enum import StrEnum


class Deed(StrEnum):
    """What one audit event says was done."""

    API_KEY_CREATED = "api_key.created"
    API_KEY_REVOKED = "api_key.revoked"
    USER_CREATED = "user.created"
    LOGIN_REFUSED = "login.refused"  # too many tries had failed
    ACTION_DEFINED = "action.defined"
    ACTION_GONE = "action.gone"  # the code that was synced declares it no longer
    ACTION_RETURNED = "action.returned"
    ACTION_DISABLED = "action.disabled"
    ACTION_ENABLED = "action.enabled"
    WORKFLOW_CREATED = "workflow.created"
    WORKFLOW_PUBLISHED = "workflow.published"
    WORKFLOW_ACTIVATED = "workflow.activated"
    WORKFLOW_ROLLED_BACK = "workflow.rolled_back"
    WORKFLOW_ARCHIVED = "workflow.archived"
    WORKFLOW_UNARCHIVED = "workflow.unarchived"
    BULK_RERUN_STARTED = "bulk_rerun.started"
    BULK_RERUN_STOPPED = "bulk_rerun.stopped"
    BULK_RERUN_REPLAYED = "bulk_rerun.replayed"  # a repeat was answered with it
    BULK_RERUN_MISMATCH_REFUSED = "bulk_rerun.mismatch_refused"  # its key came with another wish
    SECRET_SET = "secret.set"  # noqa: S105  # a verb
    SECRET_ALLOWED = "secret.allowed"  # noqa: S105  # a verb
    SECRET_REMOVED = "secret.removed"  # noqa: S105  # a verb
    VAULT_KEY_ROTATED = "vault_key.rotated"
    IDEMPOTENCY_KEY_RELEASED = "idempotency_key.released"


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """What a deed was done to: the kind of thing, its id, and its label as it was then."""

    kind: str
    id: str
    label: str
