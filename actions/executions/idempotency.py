"""The record of a caller's key: find it, answer from it, take it.

Floor 4. Claiming a key is a short READ COMMITTED transaction. A loser of the race waits at the
unique constraint only as long as the winner's transaction is open, so nothing slow goes into it.
"""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from actions import canonical, vault
from actions.errors import (
    ExecutionInProgress,
    FieldProblem,
    IdempotencyKeyReused,
    OutcomeUnknown,
)
from actions.executions import events, terms
from actions.executions.expect import expect
from actions.executions.wish import Wish
from actions.ids import new_id
from actions.jsontypes import JSONObject
from actions.models import Execution, IdempotencyRecord
from actions.states import EventType, ExecutionStatus

KIND = "action"
_MAX_DIFFERENCES = 20

_TAKE_FRESH_OR_EXPIRED = """
INSERT INTO actions_idempotencyrecord AS record
    (kind, name, key, fingerprint, fingerprint_key, generation, execution_id,
     hit_count, mismatch_count, created_at)
VALUES (%(kind)s, %(name)s, %(key)s, %(fingerprint)s, %(fingerprint_key)s, 1, %(execution)s,
        0, 0, clock_timestamp())
ON CONFLICT (kind, name, key) DO UPDATE SET
    fingerprint = excluded.fingerprint, fingerprint_key = excluded.fingerprint_key,
    generation = record.generation + 1, execution_id = excluded.execution_id,
    hit_count = 0, mismatch_count = 0, created_at = clock_timestamp(),
    last_hit_at = NULL, expires_at = NULL
WHERE record.expires_at < clock_timestamp()
RETURNING generation
"""

_TAKE_AFTER_FAILURE = """
UPDATE actions_idempotencyrecord SET
    generation = generation + 1, execution_id = %(execution)s, expires_at = NULL
WHERE kind = %(kind)s AND name = %(name)s AND key = %(key)s AND execution_id = %(previous)s
RETURNING generation
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """The fingerprint of a request, and the id of the secret that it was made with."""

    fingerprint: bytes
    secret_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A key that is now ours: the id that its execution must have, and its generation."""

    execution_id: UUID
    generation: int


def stamp(*, name: str, params: JSONObject) -> Stamp:
    """Fingerprint a request with the current secret."""
    secret = settings.ACTIONSITE_FINGERPRINT_KEY.encode()
    return Stamp(
        fingerprint=canonical.fingerprint(key=secret, kind=KIND, name=name, params=params),
        secret_id=hashlib.sha256(secret).hexdigest()[:12],
    )


def derived_key(*, name: str, params: JSONObject) -> str:
    """The key of an action whose params are its key; made without a secret, so it never rotates."""
    return canonical.fingerprint(key=b"derived", kind=KIND, name=name, params=params).hex()


def look_up(*, name: str, key: str) -> IdempotencyRecord | None:
    """The record of the key unless it has expired; correctness never depends on a sweep."""
    return IdempotencyRecord.objects.in_force(kind=KIND, name=name, key=key)


def check_same_request(record: IdempotencyRecord, *, stamp: Stamp, wish: Wish) -> None:
    """Refuse a request whose params differ from those that the key stands for, and record it."""
    if record.fingerprint_key == stamp.secret_id:
        is_same = bytes(record.fingerprint) == stamp.fingerprint
    else:
        # The secret has been changed since: compare what was stored instead.
        kept = vault.params_of(record.execution)
        is_same = canonical.canonical(kept) == canonical.canonical(wish.params)
    if is_same:
        return
    differing = canonical.differing_fields(vault.params_of(record.execution), wish.params)
    _record_mismatch(record, differing=differing, wish=wish)
    raise IdempotencyKeyReused(
        f"This idempotency key belongs to {record.execution.shown_id}, a request for "
        f"{wish.action.name} with other params; use a new key for a new request.",
        errors=[
            FieldProblem(pointer=pointer, code="differs", detail="Differs from the first request.")
            for pointer in differing[:_MAX_DIFFERENCES]
        ],
    )


def may_start_anew(record: IdempotencyRecord, *, wish: Wish) -> bool:
    """Whether the caller asks to retry a stored failure; refuse it while the outcome is unknown."""
    failed = record.execution.status in (ExecutionStatus.FAILED, ExecutionStatus.CANCELLED)
    if not failed or wish.on_failed != "retry":
        return False
    error = record.execution.error or {}
    if error.get("outcome") == "unknown" and not wish.allow_unknown_outcome:
        raise OutcomeUnknown(
            f"Nobody knows whether {record.execution.shown_id} had its effect; look, then send "
            "allow_unknown_outcome: true to run it again."
        )
    return True


def answer_from(record: IdempotencyRecord, *, wish: Wish) -> Execution:
    """Count the repeat, extend the wait if the caller waits, and return the key's execution."""
    execution = record.execution
    if not execution.is_terminal and wish.on_conflict == "fail":
        raise ExecutionInProgress(
            f"{execution.shown_id} has this key and is {execution.status}; ask again later, or "
            "leave out on_conflict to attach to it."
        )
    kind = EventType.REPLAYED if execution.is_terminal else EventType.ATTACHED
    with transaction.atomic():
        events.append(execution.id, kind, by=wish.by)
        Execution.objects.filter(id=execution.id).update(replay_count=F("replay_count") + 1)
        if wish.waited_until is not None:
            expect(execution_id=execution.id, until=wish.waited_until)
        IdempotencyRecord.objects.filter(id=record.id).update(
            hit_count=F("hit_count") + 1, last_hit_at=Now()
        )
    return Execution.objects.with_version().get(id=execution.id)


def take(*, wish: Wish, stamp: Stamp, following: IdempotencyRecord | None) -> Taken | None:
    """Make the key ours in the caller's transaction; None if somebody else has it."""
    execution_id = new_id()
    statement = _TAKE_FRESH_OR_EXPIRED if following is None else _TAKE_AFTER_FAILURE
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "kind": KIND,
                "name": wish.action.name,
                "key": wish.key,
                "fingerprint": stamp.fingerprint,
                "fingerprint_key": stamp.secret_id,
                "execution": execution_id,
                "previous": following.execution_id if following else None,
            },
        )
        row = cursor.fetchone()
    return Taken(execution_id=execution_id, generation=row[0]) if row else None


def _record_mismatch(record: IdempotencyRecord, *, differing: list[str], wish: Wish) -> None:
    with transaction.atomic():
        events.append(
            record.execution_id,
            EventType.MISMATCH_REFUSED,
            by=wish.by,
            facts={"fields": differing[:_MAX_DIFFERENCES]},
        )
        IdempotencyRecord.objects.filter(id=record.id).update(
            mismatch_count=F("mismatch_count") + 1
        )


def start_retention(execution_id: UUID, *, version_id: int) -> None:
    """Let the key of an execution that has just ended expire after the retention, if ever."""
    retention = terms.key_retention(version_id)
    IdempotencyRecord.objects.of_execution(execution_id).update(
        expires_at=None if retention is None else Now() + retention
    )
