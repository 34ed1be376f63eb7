"""Accept a request to run an action, or answer a repeat of one from the record.

Floor 4. The order of the checks is the contract: the action, the key, the fingerprint, the schema,
the claim of the key. Nothing is stored before all of them have passed.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from actions import keys
from actions.actors import Actor
from actions.errors import (
    ActionDisabled,
    ActionNotFound,
    IdempotencyKeyRequired,
    NotAccepting,
    ParamsInvalid,
)
from actions.executions import idempotency, terms
from actions.executions.accept import store
from actions.executions.params import problems_of
from actions.executions.wish import OnConflict, OnFailed, Wish
from actions.jsontypes import JSONObject
from actions.models import Action, ActionVersion, Execution, IdempotencyRecord

_CLAIM_TRIES = 3


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
    found, version = _in_catalogue(action)
    wish = Wish(
        action=found,
        version=version,
        params=params,
        by=by,
        key=_key(version, action=action, params=params, key=key),
        on_conflict=on_conflict,
        on_failed=on_failed,
        allow_unknown_outcome=allow_unknown_outcome,
        metadata=metadata,
        waited_until=waited_until,
    )
    return _accept(wish) if wish.key is None else _accept_once(wish, key=wish.key)


def accept_without_key(wish: Wish) -> Execution:
    """Validate and store a wish that no key protects; the re-run's way in."""
    return _accept(wish).execution


def _accept(wish: Wish) -> Submission:
    check_new(wish)
    return Submission(execution=store(wish, generation=0), is_new=True)


def _accept_once(wish: Wish, *, key: str) -> Submission:
    """Answer from the record of the key, or become its owner.

    Between a look and a claim another caller may win or let go, so the two are tried in turn.
    """
    stamp = idempotency.stamp(name=wish.action.name, params=wish.params)
    for _ in range(_CLAIM_TRIES):
        record = idempotency.look_up(name=wish.action.name, key=key)
        if record is not None:
            idempotency.check_same_request(record, stamp=stamp, wish=wish)
            if not idempotency.may_start_anew(record, wish=wish):
                return _answer(idempotency.answer_from(record, wish=wish))
        check_new(wish)
        execution = _claim_and_store(wish, stamp=stamp, following=record)
        if execution is not None:
            return Submission(execution=execution, is_new=True)
    raise NotAccepting(
        f"The idempotency key of this request for {wish.action.name} changes hands at this "
        "moment; send the same request again."
    )


def _claim_and_store(
    wish: Wish, *, stamp: idempotency.Stamp, following: IdempotencyRecord | None
) -> Execution | None:
    with transaction.atomic():
        taken = idempotency.take(wish=wish, stamp=stamp, following=following)
        if taken is None:
            return None
        return store(
            wish,
            generation=taken.generation,
            identity=taken.execution_id,
            retry_of=following.execution if following else None,
        )


def _answer(execution: Execution) -> Submission:
    return Submission(
        execution=execution,
        is_replay=execution.is_terminal,
        is_attached=not execution.is_terminal,
    )


def _in_catalogue(name: str) -> tuple[Action, ActionVersion]:
    found = Action.objects.by_name(name)
    if found is None or found.current_id is None:
        raise ActionNotFound(
            f"There is no action {name[:100]!r}; the catalogue at /api/v1/actions lists them."
        )
    return found, terms.version(found.current_id)


def _key(version: ActionVersion, *, action: str, params: JSONObject, key: str | None) -> str | None:
    if key is not None:
        return keys.check(key)
    if version.idempotency == "derived":
        return idempotency.derived_key(name=action, params=params)
    if version.idempotency == "required":
        raise IdempotencyKeyRequired(
            f"The action {action} takes no request without an idempotency key; send the "
            "Idempotency-Key header with a name of your own for this request."
        )
    return None


def check_new(wish: Wish) -> None:
    """Refuse a new execution of a disabled action, or one whose params break the schema."""
    if not wish.action.is_enabled:
        note = f": {wish.action.disabled_note}" if wish.action.disabled_note else ""
        raise ActionDisabled(f"The action {wish.action.name} is disabled{note}.")
    problems = problems_of(wish)
    if problems:
        first = problems[0]
        raise ParamsInvalid(
            f"The params do not fit the action {wish.action.name}: "
            f"at {first.pointer or 'the top'}: {first.detail}",
            errors=problems,
        )
