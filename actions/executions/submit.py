"""Accept a request to run an action, or answer a repeat of one from the record.

Floor 4. The order of the checks is the contract: the action, the key, the fingerprint, the schema,
the claim of the key. Nothing is stored before all of them have passed.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db.models import F

from actions import keys, masking, vault
from actions.actors import Actor
from actions.errors import (
    ActionDisabled,
    IdempotencyKeyRequired,
    ParamsInvalid,
    misfit,
)
from actions.executions import catalogue, events, idempotency, once
from actions.executions.accept import store
from actions.executions.catalogue import Entry
from actions.executions.expect import expect
from actions.executions.params import problems_of
from actions.executions.wish import OnConflict, OnFailed, Repeats, Wish
from actions.jsontypes import JSONObject
from actions.models import Execution, IdempotencyRecord
from actions.states import EventType, ExecutionStatus, KeyKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """What a request led to: a new execution, the one under way, or the stored outcome."""

    execution: Execution
    is_new: bool = False
    is_attached: bool = False
    is_replay: bool = False


def submit(
    *,
    action: str,
    params: JSONObject,
    by: Actor,
    key: str | None = None,
    on_conflict: OnConflict = "attach",
    on_failed: OnFailed = "replay",
    allow_unknown_outcome: bool = False,
    metadata: JSONObject | None = None,
    waited_until: datetime | None = None,
) -> Submission:
    """Accept one execution, at most once per key.

    When it returns, the execution is durable (outside an open transaction of the caller's) and a
    worker has been woken. `waited_until` says that the caller waits for the outcome until then.
    Raises the refusals of errors.py; after one of them nothing is stored but, for a key that was
    used with other params, the event that says so.
    """
    make = partial(
        Wish,
        params=params,
        by=by,
        key=key,
        repeats=Repeats(
            on_conflict=on_conflict,
            on_failed=on_failed,
            allow_unknown_outcome=allow_unknown_outcome,
        ),
        metadata=metadata,
        waited_until=waited_until,
    )
    known = catalogue.recall(action)
    if known is not None:
        with suppress(*catalogue.MAY_BE_OLD):
            return _submit(known, make=make)
    return _submit(catalogue.read(action), make=make)


def _submit(entry: Entry, *, make: Callable[..., Wish]) -> Submission:
    wish = _keyed(make(action=entry.action, version=entry.version, is_recalled=entry.is_recalled))
    return _accept(wish) if wish.key is None else _accept_once(wish, key=wish.key)


def accept_without_key(wish: Wish) -> Execution:
    """Validate and store a wish that no key protects; the re-run's way in."""
    return _accept(wish).execution


def _accept(wish: Wish) -> Submission:
    check_new(wish)
    return Submission(execution=store(wish, generation=0), is_new=True)


def _accept_once(wish: Wish, *, key: str) -> Submission:
    accepted = once.accept(_KeyedExecution(wish, key=key))
    return Submission(
        execution=accepted.held,
        is_new=accepted.is_new,
        is_attached=accepted.is_attached,
        is_replay=accepted.is_replay,
    )


class _KeyedExecution(once.Keyed[Execution]):
    """A wish under a key: what it leads to is an execution."""

    kind = KeyKind.ACTION

    def __init__(self, wish: Wish, *, key: str) -> None:
        self._wish = wish
        self.name, self.key = wish.action.name, key
        self.params, self.repeats = wish.params, wish.repeats

    def held_by(self, record: IdempotencyRecord) -> Execution:
        """The execution of the key."""
        return record.execution

    def standing(self, held: Execution) -> once.Standing:
        """How it stands."""
        return once.Standing(
            shown_id=held.shown_id,
            status=held.status,
            has_ended=held.is_terminal,
            has_failed=held.status in (ExecutionStatus.FAILED, ExecutionStatus.CANCELLED),
            is_unknown=(held.error or {}).get("outcome") == "unknown",
        )

    def differences(self, held: Execution) -> list[str]:
        """Where the stored params differ from those of the wish."""
        then = masking.marking(held.version.params_schema, vault.hidden_params_of(held))
        # What this process remembers may be older than the marks of today.
        now = catalogue.read(self.name).version.params_schema
        return masking.differences(vault.params_of(held), self.params, schemas=(then, now))

    def note(self, held: Execution, event: EventType, facts: JSONObject) -> None:
        """Write into its log."""
        events.append(held.id, event, by=self._wish.by, facts=facts)

    def repeat(self, held: Execution) -> Execution:
        """Count it, and have its end told if the caller waits for that."""
        Execution.objects.filter(id=held.id).update(replay_count=F("replay_count") + 1)
        if self._wish.waited_until is not None:
            expect(execution_id=held.id, until=self._wish.waited_until)
        return Execution.objects.with_version().get(id=held.id)

    def check_new(self) -> None:
        """Refuse it where the action or its params forbid it."""
        check_new(self._wish)

    def store(self, identity: UUID, *, generation: int, following: Execution | None) -> Execution:
        """Insert it with its first events."""
        wish = self._wish
        if following is not None:
            wish = replace(wish, sealed_before=vault.hidden_params_of(following))
        return store(wish, generation=generation, identity=identity, retry_of=following)


def _keyed(wish: Wish) -> Wish:
    """The wish with its own key, or with what its action has in the place of one."""
    action, policy = wish.action.name, wish.version.idempotency
    if wish.key is not None:
        keys.check(wish.key)
    elif policy == "derived":
        return replace(wish, key=idempotency.derived_key(name=action, params=wish.params))
    elif policy == "required":
        raise IdempotencyKeyRequired(
            f"The action {action} takes no request without an idempotency key; send the "
            "Idempotency-Key header with a name of your own for this request."
        )
    return wish


def check_new(wish: Wish) -> None:
    """Refuse a new execution of a disabled action, or one whose params break the schema."""
    if not wish.action.is_enabled:
        note = f": {wish.action.disabled_note}" if wish.action.disabled_note else ""
        raise ActionDisabled(f"The action {wish.action.name} is disabled{note}.")
    problems = problems_of(wish)
    if problems:
        raise ParamsInvalid(misfit(problems, of=f"the action {wish.action.name}"), errors=problems)
