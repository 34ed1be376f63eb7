"""Accept a request to run an action, or answer a repeat of one from the record.

Floor 4. The order of the checks is the contract: the action, the key, the fingerprint, the schema,
the claim of the key. Nothing is stored before all of them have passed.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from actions import faults, keys, masking, schema
from actions.actors import Actor
from actions.errors import (
    ActionDisabled,
    ActionNotFound,
    IdempotencyKeyRequired,
    NotAccepting,
    ParamsInvalid,
)
from actions.executions import idempotency, wake
from actions.executions.events import make
from actions.executions.wish import OnConflict, OnFailed, Wish
from actions.ids import PREFIX_EXECUTION, new_id, show
from actions.jsontypes import JSONObject
from actions.models import Action, ActionVersion, Execution, ExecutionEvent, IdempotencyRecord
from actions.states import EventType, ExecutionStatus

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
    with transaction.atomic():
        execution = _store(wish, generation=0)
    return Submission(execution=execution, is_new=True)


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
        return _store(
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
    found = Action.objects.named(name)
    if found is None or found.current is None:
        raise ActionNotFound(
            f"There is no action {name[:100]!r}; the catalogue at /api/v1/actions lists them."
        )
    return found, found.current


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
    problems = schema.violations(wish.version.params_schema, wish.params)
    if problems:
        first = problems[0]
        raise ParamsInvalid(
            f"The params do not fit the action {wish.action.name}: {first.detail}",
            errors=problems,
        )


def _store(
    wish: Wish,
    *,
    generation: int,
    identity: UUID | None = None,
    retry_of: Execution | None = None,
) -> Execution:
    execution = _row(wish, identity=identity or new_id())
    execution.key_generation = generation
    execution.retry_of = retry_of
    execution.save(force_insert=True)
    ExecutionEvent.objects.bulk_create(
        [
            make(execution.id, EventType.ACCEPTED, seq=1, by=wish.by, facts=_why(wish, retry_of)),
            make(execution.id, EventType.QUEUED, seq=2, by=wish.by),
        ]
    )
    wake.worker_after_commit(execution.queue, is_concurrent=execution.is_concurrent)
    transaction.on_commit(partial(faults.reach, "submit.after-commit"))
    faults.reach("submit.before-commit")
    return execution


def _why(wish: Wish, retry_of: Execution | None) -> JSONObject:
    facts: JSONObject = {"version": wish.version.number}
    if wish.rerun_of is not None:
        facts["rerun_of"] = wish.rerun_of.shown_id
    if retry_of is not None:
        facts["retry_of"] = retry_of.shown_id
    return facts


def _row(wish: Wish, *, identity: UUID) -> Execution:
    version = wish.version
    execution = Execution(
        id=identity,
        action=wish.action,
        version=version,
        action_name=wish.action.name,
        status=ExecutionStatus.QUEUED,
        queue=version.queue,
        is_concurrent=version.is_concurrent,
        max_attempts=version.retry["max_attempts"],
        params=wish.params,
        metadata=wish.metadata or {},
        terms=masking.search_terms(wish.params, version.params_schema),
        idempotency_key=wish.key,
        actor_kind=wish.by.kind,
        actor_id=wish.by.id,
        actor_label=wish.by.label,
        request_id=wish.by.request_id,
        trace_id=wish.by.trace_id,
        rerun_of=wish.rerun_of,
        waited_until=wish.waited_until,
        event_count=2,
    )
    execution.downstream_key = wish.downstream_key or show(PREFIX_EXECUTION, execution.id)
    return execution
