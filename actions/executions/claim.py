"""Take executions that are due, for one attempt each.

Floor 4. One statement claims, counts the attempt and writes that it has begun; it is committed
before any body runs, so a death always counts as an attempt. SKIP LOCKED lets workers claim side
by side without waiting for one another.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from actions.ids import PREFIX_EXECUTION, show
from actions.jsontypes import JSONObject

# A group is what one transaction settles: short executions share a commit, any other is alone.
GROUP_LIMIT = 64

_COLUMNS = """
    id, attempt_count, max_attempts, crash_count, action_name, version_id, params::text,
    downstream_key, started_at, extract(epoch FROM started_at - first_started_at)::float8
"""

_CLAIM = """
WITH locked AS (
    SELECT id, action_name, priority, run_at, crash_count FROM actions_execution
    WHERE status IN ('queued', 'retrying') AND run_at <= statement_timestamp()
      AND is_concurrent = %(is_concurrent)s AND action_name = ANY(%(actions)s)
      AND (%(queues)s::text[] = '{}' OR queue = ANY(%(queues)s))
      AND EXISTS (SELECT 1 FROM actions_worker
                  WHERE id = %(worker)s AND state IN ('alive', 'stopping'))
    ORDER BY priority DESC, run_at, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), ranked AS (
    SELECT id,
        row_number() OVER in_order AS place,
        bool_and(action_name = ANY(%(quick)s) AND crash_count = 0) OVER in_order AS all_quick
    FROM locked
    WINDOW in_order AS (ORDER BY priority DESC, run_at, id)
), claimed AS (
    UPDATE actions_execution AS execution SET
        status = 'running', worker_id = %(worker)s,
        attempt_count = execution.attempt_count + 1,
        started_at = clock_timestamp(),
        first_started_at = coalesce(execution.first_started_at, clock_timestamp()),
        event_count = execution.event_count + 1, revision = execution.revision + 1
    FROM ranked
    WHERE execution.id = ranked.id AND (ranked.place = 1 OR ranked.all_quick)
    RETURNING execution.*, ranked.place
), tried AS (
    INSERT INTO actions_attempt
        (execution_id, number, outcome, worker_id, worker_label, started_at, decision)
    SELECT id, attempt_count, 'running', %(worker)s, %(label)s, started_at, '' FROM claimed
), logged AS (
    INSERT INTO actions_executionevent
        (execution_id, seq, type, at, actor_kind, actor_id, actor_label, attempt,
         worker_label, request_id, data)
    SELECT id, event_count, 'attempt_started', started_at, 'system', '', %(label)s,
        attempt_count, %(label)s, '', '{}'::jsonb FROM claimed
)
SELECT {columns}, (SELECT count(*) FROM locked) FROM claimed ORDER BY place
""".replace("{columns}", _COLUMNS)

_HELD = """
SELECT {columns} FROM actions_execution
WHERE status = 'running' AND worker_id = %s AND is_concurrent = %s ORDER BY started_at, id
""".replace("{columns}", _COLUMNS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One execution taken for one attempt; attempt and worker together are the fence.

    `age_seconds` is the time since the first attempt began.
    """

    id: UUID
    attempt: int
    max_attempts: int
    crash_count: int
    action: str
    version_id: int
    params: JSONObject
    downstream_key: str
    started_at: datetime
    age_seconds: float

    @property
    def shown_id(self) -> str:
        """The execution's id as people see it."""
        return show(PREFIX_EXECUTION, self.id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimant:
    """One lane of a worker: its row, and which work it takes.

    `actions` are those whose code it has; `queues` those that it serves, empty for all. A
    concurrent lane takes coroutines only, the other lane all the rest.
    """

    worker_id: int
    label: str
    actions: tuple[str, ...]
    queues: tuple[str, ...] = ()
    is_concurrent: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A claimed group, empty if nothing is due; `more_wait` says that more is than was taken."""

    group: list[Claim]
    more_wait: bool = False


def claim(claimant: Claimant, *, quick: Collection[str], limit: int | None = None) -> Taken:
    """Claim what is due, in the caller's transaction: one execution, or a group of quick ones.

    `quick` names the actions of which several may be taken at once, up to `limit` in all. The
    order is priority, then due time.
    """
    limit = limit or (GROUP_LIMIT if quick else 2)
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "actions": list(claimant.actions),
                "queues": list(claimant.queues),
                "quick": list(quick),
                "limit": limit,
                "is_concurrent": claimant.is_concurrent,
                "worker": claimant.worker_id,
                "label": claimant.label,
            },
        )
        rows = cursor.fetchall()
    seen = rows[0][-1] if rows else 0
    return Taken(
        group=[_read(row[:-1]) for row in rows], more_wait=seen > len(rows) or seen == limit
    )


def held(claimant: Claimant) -> list[Claim]:
    """What the rows say that this lane holds.

    After a commit whose answer was lost this is the truth, and memory is a guess.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [claimant.worker_id, claimant.is_concurrent])
        return [_read(row) for row in cursor.fetchall()]


def _read(row: tuple[object, ...]) -> Claim:
    names = ("id", "attempt", "max_attempts", "crash_count", "action", "version_id", "params")
    later = ("downstream_key", "started_at", "age_seconds")
    values = dict(zip((*names, *later), row, strict=True))
    values["params"] = json.loads(str(values["params"]))
    return Claim(**values)  # type: ignore[arg-type]  # the columns of _CLAIM, in order
