"""The keys of what people do to executions and runs: a command that is sent twice is done once.

Floor 4. The caller holds the lock of what the command is about, so equal commands follow one another
and nobody races for the key.
"""

from datetime import timedelta
from uuid import UUID

from django.db.models.functions import Now

from actions import keys
from actions.errors import IdempotencyKeyReused
from actions.executions import idempotency
from actions.jsontypes import JSONObject
from actions.models import Execution, IdempotencyRecord
from actions.states import KeyKind


def done_before(*, target: str, key: str, asked: JSONObject) -> IdempotencyRecord | None:
    """The record of the command with this key, if it was given before to what has that shown id.

    Raises IdempotencyKeyReused if it asked for something else then.
    """
    record = IdempotencyRecord.objects.in_force(
        kind=KeyKind.COMMAND, name=target, key=keys.check(key)
    )
    if record is None:
        return None
    stamp = idempotency.stamp(name=target, params=asked)
    if record.fingerprint_key == stamp.secret_id and bytes(record.fingerprint) != stamp.fingerprint:
        raise IdempotencyKeyReused(
            f"This key was used to ask something else of {target}, which led to "
            f"{record.shown_holder}; use a new key for a new wish."
        )
    return record


def remember(
    *,
    target: str,
    key: str,
    asked: JSONObject,
    retention: timedelta | None,
    execution: Execution | None = None,
    run_id: UUID | None = None,
) -> None:
    """Write down what the command led to, in the caller's transaction: an execution, or a run.

    The key is free again after `retention`; None for never.
    """
    stamp = idempotency.stamp(name=target, params=asked)
    # One whose time is over may still be there.
    IdempotencyRecord.objects.update_or_create(
        kind=KeyKind.COMMAND,
        name=target,
        key=key,
        defaults={
            "fingerprint": stamp.fingerprint,
            "fingerprint_key": stamp.secret_id,
            "execution": execution,
            "run_id": run_id,
            "created_at": Now(),
            "expires_at": None if retention is None else Now() + retention,
        },
    )
