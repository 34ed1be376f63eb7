"""Rows made ready for an answer. Floor 5."""

from collections.abc import Sequence
from uuid import UUID

from actions.executions import followers, terms
from actions.models import Execution, IdempotencyRecord


def completed(row: Execution) -> Execution:
    """The row with all that its answer shows: its version, and when its key is free again.

    Versions never change, so they are kept in memory; only a key asks for a query, and only once
    the execution has ended.
    """
    row.version = terms.version(row.version_id)
    name_steps([row])
    if row.idempotency_key is not None and row.is_terminal:
        row.key_expires_at = IdempotencyRecord.objects.expiry_for(row.id)
    return row


def name_steps(rows: Sequence[Execution]) -> None:
    """Let the executions of steps know what their steps are called; one statement for all."""
    ids = {row.step_id for row in rows if row.step_id is not None}
    names = followers.step_names(ids)
    for row in rows:
        row.step_name = names.get(row.step_id) if row.step_id else None


def read(execution_id: UUID) -> Execution:
    """The execution as it is now, ready for an answer."""
    row = Execution.objects.with_id(execution_id)
    if row is None:
        raise LookupError(f"The execution {execution_id} was there and is gone.")
    return completed(row)
