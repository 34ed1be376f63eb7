"""The record of a caller's key: find it, take it, let it expire.

Floor 4. What a key stands for is an execution or, of the kind `workflow`, a run; `once` says how a
request is judged by its record.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from actions import canonical
from actions.executions import terms
from actions.jsontypes import JSONObject
from actions.models import IdempotencyRecord
from actions.states import KeyKind

_TAKE_FRESH_OR_EXPIRED = """
INSERT INTO actions_idempotencyrecord AS record
    (kind, name, key, fingerprint, fingerprint_key, generation, execution_id, run_id,
     hit_count, mismatch_count, created_at)
VALUES (%(kind)s, %(name)s, %(key)s, %(fingerprint)s, %(fingerprint_key)s, 1, %(execution)s,
        %(run)s, 0, 0, clock_timestamp())
ON CONFLICT (kind, name, key) DO UPDATE SET
    fingerprint = excluded.fingerprint, fingerprint_key = excluded.fingerprint_key,
    generation = record.generation + 1, execution_id = excluded.execution_id,
    run_id = excluded.run_id, hit_count = 0, mismatch_count = 0, created_at = clock_timestamp(),
    last_hit_at = NULL, expires_at = NULL
WHERE record.expires_at < clock_timestamp()
RETURNING generation
"""

_TAKE_AFTER_FAILURE = """
UPDATE actions_idempotencyrecord SET
    generation = generation + 1, execution_id = %(execution)s, run_id = %(run)s, expires_at = NULL
WHERE kind = %(kind)s AND name = %(name)s AND key = %(key)s
  AND coalesce(execution_id, run_id) = %(previous)s
RETURNING generation
"""


# A derived key is shown, a fingerprint is not, so the two are never the same.
_DERIVED = "derived"
# With this all derived keys were made once.
_WITHOUT_SECRET = b"derived"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """The fingerprint of a request, and the id of the secret that it was made with."""

    fingerprint: bytes
    secret_id: str


def stamp(*, name: str, params: JSONObject, kind: KeyKind = KeyKind.ACTION) -> Stamp:
    """Fingerprint a request with the current secret."""
    secret = settings.ACTIONSITE_FINGERPRINT_KEY.encode()
    return Stamp(
        fingerprint=canonical.fingerprint(key=secret, kind=str(kind), name=name, params=params),
        secret_id=hashlib.sha256(secret).hexdigest()[:12],
    )


def derived_key(*, name: str, params: JSONObject) -> str:
    """The key of an action whose params are its key; it tells nobody anything of them.

    It is made with the current secret, unless these params are known under a key that was made with
    a former one: a repeat finds what it repeats.
    """
    kind = KeyKind.ACTION
    former = (secret.encode() for secret in settings.ACTIONSITE_FINGERPRINT_KEY_FALLBACKS)
    made = [
        canonical.fingerprint(key=secret, kind=of, name=name, params=params).hex()
        for of, secret in (
            (_DERIVED, settings.ACTIONSITE_FINGERPRINT_KEY.encode()),
            *((_DERIVED, secret) for secret in former),
            (str(kind), _WITHOUT_SECRET),
        )
    ]
    known = IdempotencyRecord.objects.keys_in_force(kind=kind, name=name, among=made)
    return next((key for key in made if key in known), made[0])


def take(
    *,
    kind: KeyKind,
    name: str,
    key: str,
    stamp: Stamp,
    identity: UUID,
    following: IdempotencyRecord | None,
) -> int | None:
    """Make the key stand for that id in the caller's transaction; None if somebody else has it.

    Returns its generation. `following` is the record of a failure that is to be followed.
    """
    statement = _TAKE_FRESH_OR_EXPIRED if following is None else _TAKE_AFTER_FAILURE
    is_run = kind == KeyKind.WORKFLOW
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "kind": str(kind),
                "name": name,
                "key": key,
                "fingerprint": stamp.fingerprint,
                "fingerprint_key": stamp.secret_id,
                "execution": None if is_run else identity,
                "run": identity if is_run else None,
                "previous": following.holder_id if following else None,
            },
        )
        row = cursor.fetchone()
    return row[0] if row else None


def count_repeat(record: IdempotencyRecord) -> None:
    """A repeat has been answered from the record."""
    IdempotencyRecord.objects.filter(id=record.id).update(
        hit_count=F("hit_count") + 1, last_hit_at=Now()
    )


def count_mismatch(record: IdempotencyRecord) -> None:
    """A request with other params has been refused."""
    IdempotencyRecord.objects.filter(id=record.id).update(mismatch_count=F("mismatch_count") + 1)


def start_retention(execution_id: UUID, *, version_id: int) -> None:
    """Let the keys that stand for an execution that has just ended expire after the retention, if ever.

    They are that with which it was requested, and those of commands that led to it.
    """
    retention = terms.key_retention(version_id)
    IdempotencyRecord.objects.for_execution(execution_id).update(
        expires_at=None if retention is None else Now() + retention
    )


def start_retention_of_runs(run_ids: Collection[UUID]) -> None:
    """Let the keys that stand for runs that have just ended expire after the installation's retention.

    They are those with which they were requested, and those of commands. One that was released, or has expired, stays free.
    """
    retention = timedelta(days=settings.ACTIONSITE_KEY_RETENTION_DAYS)
    found = IdempotencyRecord.objects.for_runs(run_ids).unexpired()
    found.update(expires_at=Now() + retention)


def stop_retention_of_run(run_id: UUID) -> None:
    """The run of some keys goes on again, so they expire no more, unless they have already."""
    IdempotencyRecord.objects.for_runs([run_id]).unexpired().update(expires_at=None)
