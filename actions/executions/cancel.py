"""Stop an execution on request.

Floor 4. What has not begun is cancelled at once. A running action is asked to stop and sees it
through `ctx.cancelled`; if its attempt commits first, it has succeeded.
"""

import json
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from actions.actors import Actor
from actions.errors import ExecutionNotFound, NotCancellable
from actions.executions import commands, events, followers, idempotency, statements, wake
from actions.executions.followers import Ended
from actions.ids import PREFIX_EXECUTION, show
from actions.jsontypes import JSONObject
from actions.models import Execution
from actions.states import DUE, EventType, ExecutionStatus

_CANCEL_MANY = """
WITH locked AS (
    SELECT id FROM actions_execution
    WHERE id = ANY(%(ids)s) AND finished_at IS NULL ORDER BY id FOR UPDATE
), asked AS (
    UPDATE actions_execution AS execution SET
        status = CASE WHEN status = 'running' THEN 'running' ELSE 'cancelled' END,
        finished_at = CASE WHEN status = 'running' THEN NULL ELSE clock_timestamp() END,
        cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
        event_count = event_count + 1, revision = revision + 1
    FROM locked WHERE execution.id = locked.id
    RETURNING execution.id, finished_at, worker_id, event_count
), logged AS (
    INSERT INTO actions_executionevent
        (execution_id, seq, type, at, actor_kind, actor_id, actor_label, attempt,
         worker_label, request_id, data)
    SELECT id, event_count,
        CASE WHEN finished_at IS NULL THEN 'cancel_requested' ELSE 'cancelled' END,
        clock_timestamp(), %(kind)s, %(actor)s, %(label)s, NULL, '', %(request)s, %(reason)s::jsonb
    FROM asked
)
SELECT id, finished_at IS NOT NULL, worker_id FROM asked
"""


def cancel(*, execution_id: UUID, by: Actor, reason: str = "", key: str | None = None) -> Execution:
    """Cancel an execution, or ask the worker that runs it to stop.

    Asking again changes nothing; with the same `key` also once it has ended, and what is returned has
    `is_replay`. Raises NotCancellable if it has ended, ExecutionNotFound if there is none, and
    IdempotencyKeyReused.
    """
    asked: JSONObject = {"cancel": {"reason": reason}}
    with commands.in_transaction():
        followers.lock(Execution.objects.runs_of([execution_id]))
        execution = Execution.objects.locked(execution_id)
        if execution is None:
            raise ExecutionNotFound(
                f"There is no execution {show(PREFIX_EXECUTION, execution_id)}."
            )
        is_replay = key is not None and _is_done(execution, key=key, asked=asked, by=by)
        if not is_replay:
            _cancel(execution, by=by, reason=reason)
    found = Execution.objects.with_version().get(id=execution_id)
    found.is_replay = is_replay
    return found


def _is_done(execution: Execution, *, key: str, asked: JSONObject, by: Actor) -> bool:
    """Whether that command was given before; if not, its key is remembered from now on."""
    target = execution.shown_id
    if commands.done_before(target=target, key=key, asked=asked, by=by) is not None:
        return True
    commands.remember(target=target, key=key, asked=asked, execution=execution)
    return False


def _cancel(execution: Execution, *, by: Actor, reason: str) -> None:
    if execution.is_terminal:
        raise NotCancellable(
            f"{execution.shown_id} has already ended as {execution.status}; "
            "nothing is left to cancel."
        )
    if execution.status == ExecutionStatus.RUNNING:
        _ask(execution, by=by, reason=reason)
    else:
        _end(execution, by=by, reason=reason)


def cancel_many(ids: Sequence[UUID], *, by: Actor, reason: str) -> set[UUID]:
    """Cancel executions of one run, in the caller's transaction, which has locked the run.

    Those that have not begun end at once, and are returned; those that run are asked to stop.
    Nobody who follows them is told: it is they who ask.
    """
    if not ids:
        return set()
    asked = {
        "ids": list(ids),
        "reason": json.dumps({"reason": reason}),
        "kind": by.kind,
        "actor": by.id,
        "label": by.label,
        "request": by.request_id,
    }
    rows = statements.run(_CANCEL_MANY, asked)
    for worker_id in {row[2] for row in rows if row[2] is not None}:
        wake.canceller_after_commit(worker_id)
    return {identity for identity, has_ended, _ in rows if has_ended}


def _end(execution: Execution, *, by: Actor, reason: str) -> None:
    events.append(execution.id, EventType.CANCELLED, by=by, facts={"reason": reason})
    Execution.objects.filter(id=execution.id, status__in=DUE).update(
        status=ExecutionStatus.CANCELLED,
        cancel_requested_at=Now(),
        finished_at=Now(),
    )
    idempotency.start_retention(execution.id, version_id=execution.version_id)
    if execution.run_id is not None and execution.step_id is not None:
        ended = Ended(execution_id=execution.id, run_id=execution.run_id, step_id=execution.step_id)
        followers.follow_and_wake([ended])
    transaction.on_commit(lambda: wake.waiters([execution.id]), robust=True)


def _ask(execution: Execution, *, by: Actor, reason: str) -> None:
    if execution.cancel_requested_at is None:
        events.append(execution.id, EventType.CANCEL_REQUESTED, by=by, facts={"reason": reason})
    Execution.objects.filter(id=execution.id).update(
        cancel_requested_at=Coalesce(F("cancel_requested_at"), Now())
    )
    if execution.worker_id is not None:
        wake.canceller_after_commit(execution.worker_id)
