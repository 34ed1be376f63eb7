"""Accept a request at most once for each key: answer a repeat from the record, or take the key.

Floor 4. Claiming a key is a short READ COMMITTED transaction. A loser of the race waits at the
unique constraint only as long as the winner's transaction is open, so nothing slow goes into it.
The contract is the same for executions and for runs; each says what is its own in a `Keyed`.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from django.db import transaction

from actions.errors import (
    ExecutionInProgress,
    FieldProblem,
    IdempotencyKeyReused,
    NotAccepting,
    OutcomeUnknown,
)
from actions.executions import idempotency
from actions.executions.idempotency import Stamp
from actions.executions.wish import Repeats
from actions.ids import new_id
from actions.jsontypes import JSONObject
from actions.models import IdempotencyRecord
from actions.states import EventType, KeyKind

_CLAIM_TRIES = 3
_MAX_DIFFERENCES = 20

Held = TypeVar("Held")


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How that stands which a key has led to."""

    shown_id: str
    status: str
    has_ended: bool
    has_failed: bool
    is_unknown: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted(Generic[Held]):
    """What a request led to: something new, what is under way, or the stored outcome."""

    held: Held
    is_new: bool = False
    is_attached: bool = False
    is_replay: bool = False


class Keyed(ABC, Generic[Held]):
    """A request under a key: how it is told apart, judged, answered and stored."""

    kind: ClassVar[KeyKind]

    name: str
    key: str
    params: JSONObject
    repeats: Repeats

    @abstractmethod
    def held_by(self, record: IdempotencyRecord) -> Held:
        """What the key stands for."""

    @abstractmethod
    def standing(self, held: Held) -> Standing:
        """How that stands."""

    @abstractmethod
    def differences(self, held: Held) -> list[str]:
        """Where its params differ from those of this request, as JSON pointers."""

    @abstractmethod
    def note(self, held: Held, event: EventType, facts: JSONObject) -> None:
        """Write into its log, in the caller's transaction."""

    @abstractmethod
    def repeat(self, held: Held) -> Held:
        """Count the repeat, note that the caller waits, and read it again."""

    @abstractmethod
    def check_new(self) -> None:
        """Refuse what is new and cannot be accepted."""

    @abstractmethod
    def store(self, identity: UUID, *, generation: int, following: Held | None) -> Held:
        """Store a new one under that id; `following` is the failure that it follows."""


def accept(asked: Keyed[Held]) -> Accepted[Held]:
    """Answer from the record of the key, or become its owner.

    Between a look and a claim another caller may win or let go, so the two are tried in turn.
    """
    stamp = idempotency.stamp(name=asked.name, params=asked.params, kind=asked.kind)
    for _ in range(_CLAIM_TRIES):
        record = IdempotencyRecord.objects.in_force(kind=asked.kind, name=asked.name, key=asked.key)
        if record is not None:
            held = asked.held_by(record)
            _check_same(asked, held, record=record, stamp=stamp)
            if not _may_start_anew(asked, asked.standing(held)):
                return _answer_from(asked, held, record=record)
        asked.check_new()
        made = _claim_and_store(asked, stamp=stamp, following=record)
        if made is not None:
            return Accepted(held=made, is_new=True)
    raise NotAccepting(
        f"The idempotency key of this request for {asked.name} changes hands at this moment; send "
        "the same request again."
    )


def _check_same(asked: Keyed[Held], held: Held, *, record: IdempotencyRecord, stamp: Stamp) -> None:
    """Refuse a request whose params differ from those that the key stands for, and record it."""
    # If the secret has been changed since, what was stored is compared instead.
    is_comparable = record.fingerprint_key == stamp.secret_id
    if is_comparable and bytes(record.fingerprint) == stamp.fingerprint:
        return
    differing = asked.differences(held)[:_MAX_DIFFERENCES]
    if not is_comparable and not differing:
        return
    with transaction.atomic():
        asked.note(held, EventType.MISMATCH_REFUSED, {"fields": list(differing)})
        idempotency.count_mismatch(record)
    raise IdempotencyKeyReused(
        f"This idempotency key belongs to {asked.standing(held).shown_id}, a request for "
        f"{asked.name} with other params; use a new key for a new request.",
        errors=[
            FieldProblem(pointer=pointer, code="differs", detail="Differs from the first request.")
            for pointer in differing
        ],
    )


def _may_start_anew(asked: Keyed[Held], stands: Standing) -> bool:
    """Whether the caller asks to retry a stored failure; refuse it while the outcome is unknown."""
    if not stands.has_failed or asked.repeats.on_failed != "retry":
        return False
    if stands.is_unknown and not asked.repeats.allow_unknown_outcome:
        raise OutcomeUnknown(
            f"Nobody knows whether {stands.shown_id} had its effect; look, then send "
            "allow_unknown_outcome: true to run it again."
        )
    return True


def _answer_from(asked: Keyed[Held], held: Held, *, record: IdempotencyRecord) -> Accepted[Held]:
    """Count the repeat, extend the wait if the caller waits, and return what the key stands for."""
    stands = asked.standing(held)
    if not stands.has_ended and asked.repeats.on_conflict == "fail":
        raise ExecutionInProgress(
            f"{stands.shown_id} has this key and is {stands.status}; ask again later, or leave out "
            "on_conflict to attach to it."
        )
    with transaction.atomic():
        asked.note(held, EventType.REPLAYED if stands.has_ended else EventType.ATTACHED, {})
        held = asked.repeat(held)
        idempotency.count_repeat(record)
    has_ended = asked.standing(held).has_ended
    return Accepted(held=held, is_replay=has_ended, is_attached=not has_ended)


def _claim_and_store(
    asked: Keyed[Held], *, stamp: Stamp, following: IdempotencyRecord | None
) -> Held | None:
    identity = new_id()
    with transaction.atomic():
        generation = idempotency.take(
            kind=asked.kind,
            name=asked.name,
            key=asked.key,
            stamp=stamp,
            identity=identity,
            following=following,
        )
        if generation is None:
            return None
        followed = None if following is None else asked.held_by(following)
        return asked.store(identity, generation=generation, following=followed)
