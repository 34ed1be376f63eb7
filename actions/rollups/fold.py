"""Fold what the log says into the roll-ups, some minutes at a time.

Floor 4. Any worker may; one does, by a lock that the others do not wait for. The rows and the mark
up to which they reach are written in one transaction, so whatever dies, nothing is counted twice.
The order of moments is not that of commits: minutes are folded once nobody can add to them.
"""

import logging
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from actions.models import RollUpMark
from actions.rollups.statements import buckets, sources

logger = logging.getLogger(__name__)

# Whoever takes a moment for the log has locked the table for it before so much time has passed.
MARGIN = timedelta(seconds=30)
# How much is folded at once by somebody who has fallen behind.
_STRIDE = timedelta(minutes=10)
# The log of a run may be older than its first execution.
_BEFORE_THE_FIRST = timedelta(hours=2)
_HOURS_ARE_KEPT = timedelta(days=93)
_WORTH_A_WARNING = timedelta(hours=1)
_LOCK = 0x726F6C6C  # "roll": one folding at a time

_CLOCK = "SELECT clock_timestamp()"
_MAY_FOLD = "SELECT pg_try_advisory_xact_lock(%s), clock_timestamp()"
# Short times of the session that folds: should this process stand still, its locks go.
_LIMITS = "SELECT set_config('idle_in_transaction_session_timeout', %s, true)"
# From the index over the moments to the rows by their keys, whatever the statistics say: no plan
# that reads a whole table, and no more than one core.
_BY_INDEX = """
SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off
"""
# The ids of executions tell when they were made; where there are none there is no log.
_FIRST = """
SELECT to_timestamp(('x' || substr(replace(id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0)
FROM actions_execution ORDER BY id LIMIT 1
"""
# Who has locked a log since before that moment, and may still have rows of that time to commit.
_WRITING = """
SELECT held.pid FROM pg_locks AS held
LEFT JOIN pg_stat_activity AS session ON session.pid = held.pid
WHERE held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND held.relation = ANY(%(tables)s::regclass[])
  AND held.mode IN ('RowShareLock', 'RowExclusiveLock')
  AND held.pid IS DISTINCT FROM pg_backend_pid()
  AND (session.xact_start IS NULL OR session.xact_start < %(until)s)
LIMIT 1
"""
_ADD = """
INSERT INTO actions_rollup AS kept (unit, kind, name, bucket, accepted, succeeded, failed,
    cancelled, attempts, seconds, shortest, longest, slots)
{buckets}
ON CONFLICT (unit, kind, name, bucket) DO UPDATE SET
    accepted = kept.accepted + excluded.accepted, succeeded = kept.succeeded + excluded.succeeded,
    failed = kept.failed + excluded.failed, cancelled = kept.cancelled + excluded.cancelled,
    attempts = kept.attempts + excluded.attempts, seconds = kept.seconds + excluded.seconds,
    shortest = least(kept.shortest, excluded.shortest),
    longest = greatest(kept.longest, excluded.longest),
    slots = ARRAY(
        SELECT both_of.one + both_of.other
        FROM unnest(kept.slots, excluded.slots) WITH ORDINALITY AS both_of (one, other, place)
        ORDER BY place)
"""
_MARK = """
INSERT INTO actions_rollupmark (id, until) VALUES (1, %(until)s)
ON CONFLICT (id) DO UPDATE SET until = excluded.until
"""
_FORGET = "DELETE FROM actions_rollup WHERE unit = %s AND bucket < %s"


def is_due() -> bool:
    """Whether a minute is over that is not rolled up; costs two small statements."""
    marked = RollUpMark.objects.until()
    with connection.cursor() as cursor:
        cursor.execute(_CLOCK)
        (now,) = cursor.fetchone()
    return marked is None or marked < _over(now)


def fold_next(*, now: datetime | None = None) -> datetime | None:
    """Roll up the next minutes that are over, up to ten, and return up to when that reaches.

    None if no minute is over for half a minute, if somebody else is at it, or as long as a
    transaction is open that could still add to them. `now` is the database's clock unless it is
    given.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LIMITS, [f"{int(settings.ACTIONSITE_LEASE_SECONDS * 1000)}ms"])
        cursor.execute(_MAY_FOLD, [_LOCK])
        is_ours, clock = cursor.fetchone()
        if not is_ours:
            return None
        over, since = _over(now or clock), _mark(cursor, clock)
        until = min(over, since + _STRIDE)
        if until <= since or _is_written(until, cursor, clock=clock):
            return None
        _fold(cursor, since=since, until=until)
    return until


def _over(now: datetime) -> datetime:
    """Up to when minutes are over, and the time after them too."""
    return (now - MARGIN).replace(second=0, microsecond=0)


def _mark(cursor: CursorWrapper, clock: datetime) -> datetime:
    """From when on there is something to fold: at first, two hours before the first execution."""
    marked = RollUpMark.objects.until()
    if marked is not None:
        return marked
    cursor.execute(_FIRST)
    (first,) = cursor.fetchone() or (clock,)
    minute: datetime = first.astimezone(UTC).replace(second=0, microsecond=0)
    return minute - _BEFORE_THE_FIRST


def _is_written(until: datetime, cursor: CursorWrapper, *, clock: datetime) -> bool:
    """Whether somebody may still commit a row of that time; asked before any row is read."""
    tables = [table for source in sources() for table in source.tables]
    cursor.execute(_WRITING, {"until": until, "tables": tables})
    found = cursor.fetchone()
    if found and clock - until > _WORTH_A_WARNING:
        logger.warning(
            "What has ended up to %s is not rolled up yet: the transaction of session %s is open "
            "since then; end it with pg_terminate_backend if nobody needs it.",
            until,
            found[0],
        )
    return found is not None


def _fold(cursor: CursorWrapper, *, since: datetime, until: datetime) -> None:
    cursor.execute(_BY_INDEX)
    added = buckets(
        of=sources(),
        units="ARRAY['minute', 'hour', 'day']",
        since="%(since)s::timestamptz",
        until="%(until)s::timestamptz",
    )
    cursor.execute(_ADD.format(buckets=added), {"since": since, "until": until})
    cursor.execute(_MARK, {"until": until})
    if since.hour != until.hour:
        kept = timedelta(days=settings.ACTIONSITE_ROLLUP_DAYS)
        cursor.execute(_FORGET, ["minute", until - kept])
        cursor.execute(_FORGET, ["hour", until - _HOURS_ARE_KEPT])
