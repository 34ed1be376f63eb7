"""A worker's own row: its coming, its heartbeat, its waiting and its leaving.

Floor 4. One lease covers everything that a worker holds, so a heartbeat is one small update
however many executions it runs. All times are the database's.
"""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from actions.executions import statements, steady, turns
from actions.executions.claim import Claimant
from actions.models import Execution

_REGISTER = """
INSERT INTO actions_worker
    (host, pid, label, build, queues, state, started_at, heartbeat_at, lease_until,
     backend_pid, backend_started_at, actions, coroutines)
SELECT %(host)s, %(pid)s, %(host)s || ':' || %(pid)s, %(build)s, %(queues)s, 'alive',
    clock_timestamp(), clock_timestamp(), clock_timestamp() + make_interval(secs => %(lease)s),
    pid, backend_start, %(actions)s, %(coroutines)s
FROM pg_stat_activity WHERE pid = pg_backend_pid()
RETURNING id, label
"""

_NOTE_SESSION = """
UPDATE actions_worker AS worker SET
    backend_pid = session.pid, backend_started_at = session.backend_start
FROM pg_stat_activity AS session WHERE session.pid = pg_backend_pid() AND worker.id = %s
"""
_FORGET = """
DELETE FROM actions_worker
WHERE state IN ('stopped', 'dead') AND ended_at < clock_timestamp() - interval '30 days'
"""
_BEAT = """
UPDATE actions_worker SET
    heartbeat_at = clock_timestamp(),
    lease_until = clock_timestamp() + make_interval(secs => %s)
WHERE id = %s AND state IN ('alive', 'stopping')
RETURNING true
"""

# Who waits is of no use to a database that has crashed, so nobody waits for this to be on disk.
_IDLE = """
UPDATE actions_worker SET idle_since = clock_timestamp()
FROM (SELECT set_config('synchronous_commit', 'off', true) AS is_set OFFSET 0) AS lazily
WHERE id = %s AND state = 'alive' AND is_set <> ''
"""
_LOOP_IDLE = _IDLE.replace("idle_since", "loop_idle_since")
_LOOP_BUSY = "UPDATE actions_worker SET loop_idle_since = NULL WHERE id = %s"
_STOPPING = """
UPDATE actions_worker SET state = 'stopping', idle_since = NULL, loop_idle_since = NULL,
    end_reason = %s
WHERE id = %s AND state IN ('alive', 'stopping')
"""
# One that still holds something, because its database failed it, is left to be reaped at once.
_STOPPED = """
UPDATE actions_worker AS worker SET
    state = CASE WHEN held.exist THEN state ELSE 'stopped' END,
    ended_at = CASE WHEN held.exist THEN NULL ELSE clock_timestamp() END,
    lease_until = CASE WHEN held.exist THEN clock_timestamp() - interval '1 second'
                       ELSE lease_until END,
    idle_since = NULL, loop_idle_since = NULL
FROM (SELECT EXISTS (SELECT 1 FROM actions_execution
                     WHERE worker_id = %s AND status = 'running') AS exist) AS held
WHERE worker.id = %s AND state IN ('alive', 'stopping')
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    """A worker's row, as it was made."""

    id: int
    label: str


def register(
    *,
    queues: tuple[str, ...],
    actions: tuple[str, ...] = (),
    coroutines: tuple[str, ...] = (),
    build: str = "",
) -> Registered:
    """Add a row for this process; its lease begins, and its database session is noted.

    `actions` are those whose code it has, `coroutines` those of them that are such.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _REGISTER,
            {
                "host": socket.gethostname(),
                "pid": os.getpid(),
                "build": build,
                "queues": list(queues),
                "actions": list(actions),
                "coroutines": list(coroutines),
                "lease": settings.ACTIONSITE_LEASE_SECONDS,
            },
        )
        identity, label = cursor.fetchone()
    return Registered(id=identity, label=label)


def note_session(worker_id: int) -> None:
    """Say which database session this process uses from now on, for whoever has to end it."""
    _change(_NOTE_SESSION, [worker_id])


def beat(worker_id: int) -> bool:
    """Extend the lease; False if the worker has been declared dead and must leave."""
    return _change(_BEAT, [settings.ACTIONSITE_LEASE_SECONDS, worker_id])


def idle(lane: Claimant) -> None:
    """Say that a lane of the worker waits for work, so that a submitter wakes it."""
    _change(_LOOP_IDLE if lane.is_concurrent else _IDLE, [lane.worker_id])


def loop_busy(worker_id: int) -> None:
    """Say that the lane of coroutines has no room; the main lane says it with its claim."""
    _change(_LOOP_BUSY, [worker_id])


def stopping(worker_id: int, *, end_reason: str = "") -> None:
    """Say that the worker takes nothing new, and why it ends if that is not by its own will."""
    _change(_STOPPING, [end_reason, worker_id])


def stopped(worker_id: int) -> None:
    """Say that the worker has left; what it still holds is for whoever reaps it."""
    _change(_STOPPED, [worker_id, worker_id])


def to_stop(worker_id: int) -> list[UUID]:
    """The executions of this worker that somebody has asked to cancel."""
    return list(Execution.objects.to_stop(worker_id).values_list("id", flat=True))


def forget_the_dead() -> None:
    """Delete the rows of workers that ended more than a month ago."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET)


def make_partitions() -> None:
    """Make sure that the record has partitions for this month and the two that follow."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT actions_make_partitions()")


def seconds_to_next_due(lane: Claimant) -> float | None:
    """How long until something is due; None if nothing waits, 0 or less if it is due now."""
    asked = {
        "is_concurrent": lane.is_concurrent,
        "actions": list(lane.actions),
        "queues": list(lane.queues),
    }
    steady.keep()
    seconds: float | None = statements.run(turns.NEXT_DUE, asked)[0][0]
    return seconds


def _change(statement: str, params: Sequence[Any]) -> bool:
    """Run it, and say whether it has returned a row."""
    return bool(statements.run(statement, params))
