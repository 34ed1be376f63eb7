"""The keys of what people do to an execution: a command that is sent twice is done once.

Floor 4. The caller holds the lock of the execution that the command is about, so equal commands
follow one another and nobody races for the key.
"""

from django.db.models.functions import Now

from actions import keys
from actions.errors import IdempotencyKeyReused
from actions.executions import idempotency, terms
from actions.jsontypes import JSONObject
from actions.models import Execution, IdempotencyRecord

KIND = "command"


def done_before(*, target: Execution, key: str, asked: JSONObject) -> Execution | None:
    """What the command with this key led to, if it was given before.

    Raises IdempotencyKeyReused if it asked for something else then.
    """
    record = IdempotencyRecord.objects.in_force(
        kind=KIND, name=target.shown_id, key=keys.check(key)
    )
    if record is None:
        return None
    stamp = idempotency.stamp(name=target.shown_id, params=asked)
    if record.fingerprint_key == stamp.secret_id and bytes(record.fingerprint) != stamp.fingerprint:
        raise IdempotencyKeyReused(
            f"This key was used to ask something else of {target.shown_id}, which led to "
            f"{record.execution.shown_id}; use a new key for a new wish."
        )
    return record.execution


def remember(*, target: Execution, key: str, asked: JSONObject, outcome: Execution) -> None:
    """Write down what the command led to, in the caller's transaction."""
    stamp = idempotency.stamp(name=target.shown_id, params=asked)
    retention = terms.key_retention(target.version_id)
    # One whose time is over may still be there.
    IdempotencyRecord.objects.update_or_create(
        kind=KIND,
        name=target.shown_id,
        key=key,
        defaults={
            "fingerprint": stamp.fingerprint,
            "fingerprint_key": stamp.secret_id,
            "execution": outcome,
            "created_at": Now(),
            "expires_at": None if retention is None else Now() + retention,
        },
    )
