"""The keys of what people do to executions and runs: a command that is sent twice is done once.

Floor 4. The caller holds the lock of what the command is about, so equal commands follow one another
and nobody races for the key.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from actions import canonical, keys, vault
from actions.actors import Actor
from actions.errors import IdempotencyKeyReused
from actions.executions import holders, idempotency
from actions.jsontypes import JSONObject
from actions.models import Execution, IdempotencyRecord
from actions.models.holder import KEY_NUMBER
from actions.states import EventType, KeyKind


@contextmanager
def in_transaction() -> Iterator[None]:
    """A transaction for a command, which keeps the note that its key was refused.

    Nothing may be written in it before `done_before` is asked.
    """
    refused = None
    with transaction.atomic():
        try:
            yield
        except IdempotencyKeyReused as refusal:
            refused = refusal
    if refused is not None:
        raise refused


def done_before(*, target: str, key: str, asked: JSONObject, by: Actor) -> IdempotencyRecord | None:
    """The record of the command with this key, if it was given before to what has that shown id.

    The repeat is counted, and noted in the log of what the key stands for; so is a refusal. Raises
    IdempotencyKeyReused if it asked for something else then; call it `in_transaction`.
    """
    record = IdempotencyRecord.objects.in_force(
        kind=KeyKind.COMMAND, name=target, key=keys.check(key)
    )
    if record is None:
        return None
    # The log also tells of the key with which that was requested.
    facts: JSONObject = {"command_to": target, KEY_NUMBER: record.id}
    try:
        _check_same(record, asked=asked)
    except IdempotencyKeyReused:
        holders.note(record, EventType.MISMATCH_REFUSED, by=by, facts=facts)
        idempotency.count_mismatch(record)
        raise
    holders.note(record, EventType.REPLAYED, by=by, facts=facts)
    idempotency.count_repeat(record)
    return record


def _check_same(record: IdempotencyRecord, *, asked: JSONObject) -> None:
    stamp = idempotency.stamp(name=record.name, params=asked)
    if record.fingerprint_key == stamp.secret_id:
        is_same = bytes(record.fingerprint) == stamp.fingerprint
    elif record.asked_sealed is None:
        raise IdempotencyKeyReused(
            f"This key led to {record.shown_holder} before ACTIONSITE_FINGERPRINT_KEY was changed, and "
            f"what was asked of {record.name} then is not known; look there, and use a new key if it "
            "has still to be done."
        )
    else:
        is_same = vault.unseal(bytes(record.asked_sealed), place=_place(record)) == _plain(asked)
    if not is_same:
        raise IdempotencyKeyReused(
            f"This key was used to ask something else of {record.name}, which led to "
            f"{record.shown_holder}; use a new key for a new wish."
        )


def remember(
    *,
    target: str,
    key: str,
    asked: JSONObject,
    execution: Execution | None = None,
    run_id: UUID | None = None,
) -> None:
    """Write down what the command led to, in the caller's transaction: an execution, or a run.

    Its retention begins when that has ended, which it has not yet.
    """
    stamp = idempotency.stamp(name=target, params=asked)
    named = IdempotencyRecord(kind=KeyKind.COMMAND, name=target, key=key)
    # One whose time is over may still be there.
    IdempotencyRecord.objects.update_or_create(
        kind=named.kind,
        name=target,
        key=key,
        defaults={
            "fingerprint": stamp.fingerprint,
            "fingerprint_key": stamp.secret_id,
            "asked_sealed": vault.seal(_plain(asked), place=_place(named)),
            "execution": execution,
            "run_id": run_id,
            "hit_count": 0,
            "mismatch_count": 0,
            "created_at": Now(),
            "last_hit_at": None,
            "expires_at": None,
        },
    )


def _plain(asked: JSONObject) -> bytes:
    """The one text of what was asked; its params may be secret, so it is kept sealed."""
    return canonical.canonical(asked)


def _place(record: IdempotencyRecord) -> str:
    return f"what was asked of {record.name} under the key {record.key}"
