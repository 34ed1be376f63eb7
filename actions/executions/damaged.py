"""Set aside what cannot be claimed because its record contradicts itself.

Floor 4. A partial restore, or somebody's own SQL, may leave attempts or events that an execution does
not count. To write the next one then fails, and with it the claim of all that are due: such an
execution ends with an error that says so, and the others go on. Nothing of its record is changed.
"""

import json
import logging
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from actions.executions import followers, idempotency, statements, wake
from actions.executions.followers import Ended
from actions.ids import PREFIX_EXECUTION, show
from actions.models import Execution

logger = logging.getLogger(__name__)

T = TypeVar("T")

CODE = "record_damaged"

_FIND = """
SELECT id FROM actions_execution AS execution
WHERE status IN ('queued', 'retrying') AND run_at <= clock_timestamp() AND (
    attempt_count >= max_attempts
    OR EXISTS (SELECT FROM actions_attempt AS attempt WHERE attempt.execution_id = execution.id
            AND attempt.number > execution.attempt_count)
    OR EXISTS (SELECT FROM actions_executionevent AS event WHERE event.execution_id = execution.id
               AND event.seq > execution.event_count))
LIMIT 1000
"""
_SET_ASIDE = """
WITH aside AS (
    UPDATE actions_execution AS execution SET
        status = 'failed', finished_at = clock_timestamp(), blocked_on = '',
        error = %(error)s::jsonb || jsonb_build_object('attempt', attempt_count),
        error_code = %(code)s, revision = revision + 1,
        event_count = 1 + greatest(event_count, (
            SELECT max(seq) FROM actions_executionevent WHERE execution_id = execution.id))
    FROM (SELECT id FROM actions_execution
          WHERE id = ANY(%(ids)s::uuid[]) AND status IN ('queued', 'retrying')
          FOR UPDATE SKIP LOCKED) AS waiting
    WHERE execution.id = waiting.id
    RETURNING execution.*
), logged AS (
    INSERT INTO actions_executionevent
        (execution_id, seq, type, at, actor_kind, actor_id, actor_label, attempt,
         worker_label, request_id, data)
    SELECT id, event_count, 'failed', clock_timestamp(), 'system', '', 'system', NULL, '', '',
        jsonb_build_object('code', %(code)s::text, 'message', error ->> 'message',
                           'reason', 'the record contradicts itself')
    FROM aside
)
SELECT id, version_id, run_id, step_id, waited_until > clock_timestamp() FROM aside
"""
_ERROR = {
    "type": "RecordDamaged",
    "code": CODE,
    "message": (
        "It was to be tried again, and its record has more attempts or events than it counts or "
        "may have, as after a partial restore. Look at what manage.py fsck says of it, and run "
        "it again if it has not had its effect."
    ),
    "retriable": False,
    "outcome": "unknown",
    "details": None,
    "traceback": "",
}


def setting_aside(claim: Callable[[], T]) -> T:
    """Claim, and once more without what cannot be claimed and keeps all others from it.

    Within a transaction the error is raised: who claims next without one will deal with it.
    """
    while True:
        try:
            return claim()
        except IntegrityError:
            if connection.in_atomic_block or not _set_aside():
                raise


def _set_aside() -> int:
    """End what is due and cannot be claimed; returns how many."""
    found = [identity for (identity,) in statements.run(_FIND, [])]
    if not found:
        return 0
    with transaction.atomic():
        followers.lock(Execution.objects.runs_of(found))
        asked = {"ids": found, "code": CODE, "error": json.dumps(_ERROR)}
        rows = statements.run(_SET_ASIDE, asked)
        for identity, version_id, *_ in rows:
            idempotency.start_retention(identity, version_id=version_id)
        followers.follow_and_wake(_ended(rows))
    wake.waiters([identity for identity, *_, is_waited in rows if is_waited])
    for identity, *_ in rows:
        shown = show(PREFIX_EXECUTION, identity)
        logger.error(
            "%s is set aside: its record has more attempts or events than it counts.", shown
        )
    return len(rows)


def _ended(rows: list[tuple[UUID, int, UUID | None, UUID | None, bool]]) -> list[Ended]:
    return [
        Ended(execution_id=identity, run_id=run_id, step_id=step_id)
        for identity, _, run_id, step_id, _ in rows
        if run_id and step_id
    ]
