"""Seal the hours that are over, one after the other.

Floor 4. Any worker may seal; one does, by a lock that the others do not wait for, and the hour is
unique. All the work is the database's: its memory and ours stay small however much an hour holds.
"""

import json
import logging
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from actions.models import Seal
from actions.seals.statements import DIGEST, ENTRY_SIZE, FIRST_SOURCES, Source, sources

logger = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
# A statement that is under way has taken its moment and perhaps not its locks yet; clocks are stepped.
MARGIN = timedelta(minutes=5)
_WORTH_A_WARNING = timedelta(hours=1)
BEGINNING = "-infinity"
_LOCK = 0x7365616C  # "seal": one sealing at a time

_MAY_SEAL = "SELECT pg_try_advisory_xact_lock(%s), clock_timestamp()"
# Short times of the session that seals: should this process stand still, its locks go.
_LIMITS = "SELECT set_config('idle_in_transaction_session_timeout', %s, true)"
# The index over the moments is the only one that serves here, whatever the statistics say.
_BY_INDEX = "SET LOCAL enable_seqscan = off"
# Whose transaction is older than the hour's end may still write into it. Of sessions that hide
# their times from this role, and of prepared transactions, it is enough to have written.
_OPEN = """
SELECT session.pid FROM pg_stat_activity AS session
WHERE session.datname = current_database() AND session.xact_start < %(until)s
  AND session.pid <> pg_backend_pid() AND session.backend_type <> 'autovacuum worker'
UNION ALL
SELECT held.pid FROM pg_locks AS held
LEFT JOIN pg_stat_activity AS session ON session.pid = held.pid
WHERE held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND held.relation = ANY(%(tables)s::regclass[]) AND held.mode = 'RowExclusiveLock'
  AND (held.pid IS NULL OR (session.pid IS NOT NULL AND session.backend_type IS NULL))
LIMIT 1
"""
_ADD_LEAVES = """
WITH added AS (
    INSERT INTO actions_sealleaf (hour, source, execution_id, entries)
    SELECT %(hour)s, %(source)s, leaf.* FROM ({leaves}) AS leaf
    RETURNING length(entries) AS size
)
SELECT coalesce(sum(size), 0)::bigint / %(entry_size)s FROM added
"""
_ADD_SEAL = f"""
INSERT INTO actions_seal
    (hour, event_count, line_count, audit_count, more_counts, previous_digest, sealed_at, digest)
SELECT seal.*, {DIGEST}
FROM (SELECT %(hour)s::timestamptz AS hour, %(events)s::bigint AS event_count,
        %(lines)s::bigint AS line_count, %(audit)s::bigint AS audit_count,
        %(more)s::jsonb AS more_counts,
        %(previous)s::bytea AS previous_digest, %(sealed_at)s::timestamptz AS sealed_at) AS seal
"""


def is_due() -> bool:
    """Whether an hour is over that is not sealed; costs two small statements."""
    newest = Seal.objects.newest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    return _hour_after(newest, now) is not None


def seal_next(*, now: datetime | None = None) -> Seal | None:
    """Seal the next hour that is over, and return its seal.

    None if no hour is over for five minutes, if somebody else is sealing, or as long as a
    transaction is open that could still store a row in that hour. `now` is the database's clock
    unless it is given.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LIMITS, [f"{int(settings.ACTIONSITE_LEASE_SECONDS * 1000)}ms"])
        cursor.execute(_MAY_SEAL, [_LOCK])
        is_ours, clock = cursor.fetchone()
        previous = Seal.objects.newest()
        hour = _hour_after(previous, now or clock)
        if not is_ours or hour is None or _is_open(hour, cursor, clock=clock):
            return None
        _add(hour, cursor, previous=previous, sealed_at=clock)
    made = Seal.objects.get(hour=hour)
    logger.info("The log is sealed up to %s: head %s.", hour + HOUR, bytes(made.digest).hex())
    return made


def span_of(
    hour: datetime, source: Source, *, before: Seal | None, is_first: bool
) -> dict[str, datetime | str]:
    """From when to when the rows that a seal has of a source were stored.

    It takes what no seal before it has: the first seal all that came before, and so does the first
    one that covers the source.
    """
    since: datetime | str = BEGINNING if is_first else hour
    if before is not None and not before.covers(source.name):
        last = Seal.objects.covering(source.name).before(hour)
        since = last.hour + HOUR if last else BEGINNING
    return {"since": since, "until": hour + HOUR}


def _hour_after(newest: Seal | None, now: datetime) -> datetime | None:
    """The next hour to seal, if it is over."""
    over = (now - MARGIN).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hour = newest.hour + HOUR if newest else over - HOUR
    return hour if hour < over else None


def _is_open(hour: datetime, cursor: CursorWrapper, *, clock: datetime) -> bool:
    """Whether somebody may still store a row in that hour; asked before any row is read."""
    until = hour + HOUR
    cursor.execute(_OPEN, {"until": until, "tables": [source.table for source in sources()]})
    found = cursor.fetchone()
    if found and clock - until > _WORTH_A_WARNING:
        logger.warning(
            "The hour up to %s is not sealed yet: the transaction of session %s is open since "
            "then; end it with pg_terminate_backend if nobody needs it.",
            until,
            found[0],
        )
    return found is not None


def _add(
    hour: datetime, cursor: CursorWrapper, *, previous: Seal | None, sealed_at: datetime
) -> None:
    cursor.execute(_BY_INDEX)
    counts = {}
    for source in sources():
        span = span_of(hour, source, before=previous, is_first=previous is None)
        counts[source.name] = _add_leaves(source, cursor, span | {"hour": hour})
    first = {source.name: counts.pop(source.name) for source in FIRST_SOURCES}
    cursor.execute(
        _ADD_SEAL,
        {
            "hour": hour,
            "previous": bytes(previous.digest) if previous else b"",
            "sealed_at": sealed_at,
            "more": json.dumps(counts),
            **first,
        },
    )


def _add_leaves(source: Source, cursor: CursorWrapper, span: dict[str, datetime | str]) -> int:
    """Store the leaves of one source; returns how many rows they are of."""
    asked = {**span, "source": source.name, "entry_size": ENTRY_SIZE}
    cursor.execute(_ADD_LEAVES.format(leaves=source.leaves), asked)
    return int(cursor.fetchone()[0])
