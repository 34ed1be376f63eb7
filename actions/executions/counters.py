"""The net under the counters of limits: what is wrong is corrected, what nobody uses forgotten.

Floor 4. There should be nothing to correct: `admission` keeps them.
"""

from django.db import connection, transaction

from actions.executions import statements
from actions.executions.admission import BLOCKS_SOMEBODY, LOCK, call_next

_RUNNING = """
SELECT name, count(*) AS count FROM actions_execution CROSS JOIN unnest(limits) AS name
WHERE status = 'running' AND limits <> '{}' GROUP BY name
"""
_WRONG = f"""
SELECT kept.name FROM actions_limit AS kept
LEFT JOIN ({_RUNNING}) AS counted ON counted.name = kept.name
WHERE kept.seconds IS NULL AND kept.taken <> coalesce(counted.count, 0)
ORDER BY kept.name
"""
_RECOUNT = f"""
UPDATE actions_limit AS kept SET taken = coalesce(
    (SELECT count FROM ({_RUNNING}) AS counted WHERE counted.name = kept.name), 0)
WHERE kept.name = ANY(%s)
"""
_STUCK = f"""
SELECT name, allowed - taken FROM actions_limit AS kept
WHERE seconds IS NULL AND taken < allowed AND {BLOCKS_SOMEBODY}
FOR UPDATE SKIP LOCKED
"""
# Each name that blocks somebody is found by one look into the index, however many it blocks.
_UNBLOCK = """
WITH RECURSIVE blocking AS (
    (SELECT blocked_on FROM actions_execution
     WHERE status IN ('queued', 'retrying') AND blocked_on <> '' ORDER BY blocked_on LIMIT 1)
    UNION ALL
    SELECT (SELECT blocked_on FROM actions_execution
            WHERE status IN ('queued', 'retrying') AND blocked_on <> ''
              AND blocked_on > blocking.blocked_on ORDER BY blocked_on LIMIT 1)
    FROM blocking WHERE blocking.blocked_on IS NOT NULL
)
UPDATE actions_execution SET blocked_on = '', revision = revision + 1
WHERE status IN ('queued', 'retrying') AND blocked_on <> '' AND blocked_on IN (
    SELECT blocked_on FROM blocking WHERE blocked_on IS NOT NULL
      AND NOT EXISTS (SELECT FROM actions_limit WHERE name = blocked_on))
"""
_FORGET = f"""
DELETE FROM actions_limit WHERE name IN (
    SELECT name FROM actions_limit AS kept
    WHERE taken = 0 AND coalesce(greatest(free_at, wakes_at), '-infinity')
            < clock_timestamp() - interval '1 day'
      AND NOT {BLOCKS_SOMEBODY}
    FOR UPDATE SKIP LOCKED)
"""


def heal() -> None:
    """Correct counters that do not count what runs, and call whoever could begin.

    There should be none; this is the net under everything else that keeps them.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_WRONG)
        wrong = [name for (name,) in cursor.fetchall()]
        if wrong:
            cursor.execute(LOCK, [wrong])
            cursor.execute(_RECOUNT, [wrong])
        cursor.execute(_UNBLOCK)
        cursor.execute(_STUCK)
        call_next(dict(cursor.fetchall()))


def forget_unused() -> None:
    """Delete the counters that nobody has used for a day."""
    statements.run(_FORGET, [])
