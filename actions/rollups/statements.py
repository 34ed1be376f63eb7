"""What is counted, and how: the one definition that folding and `fsck` share.

Floor 4. Runs live upstairs, so their log is counted because somebody says so, with `count_also`.
"""

from dataclasses import dataclass

from actions.durations import SLOT_COUNT, slot_in_sql
from actions.names import INTERNAL
from actions.promises import Promise


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A log whose acceptances and ends are counted.

    `facts` selects (kind, name, at, what, attempts, seconds) of what the log says from `{since}` to
    before `{until}`. Whoever writes into the log locks one of the `tables` first.
    """

    kind: str
    facts: str
    tables: tuple[str, ...]


_EXECUTIONS = Source(
    kind="action",
    tables=("actions_executionevent",),
    # What never began has been accepted for nothing: it took no time.
    facts=f"""
        SELECT 'action' AS kind, execution.action_name AS name, event.at, event.type AS what,
            execution.attempt_count AS attempts,
            CASE WHEN event.type <> 'accepted' THEN
                extract(epoch FROM execution.finished_at - execution.first_started_at)::float8
            END AS seconds
        FROM actions_executionevent AS event
        JOIN actions_execution AS execution ON execution.id = event.execution_id
        WHERE event.at >= {{since}} AND event.at < {{until}}
          AND event.type IN ('accepted', 'succeeded', 'failed', 'cancelled')
          AND NOT starts_with(execution.action_name, '{INTERNAL}')
    """,  # noqa: S608  # a constant
)
_sources = [_EXECUTIONS]

# By slot first, so that the many rows are gone through once.
_BUCKETS = """
SELECT unit, kind, name, date_trunc(unit, minute, 'UTC') AS bucket,
    sum(accepted)::bigint AS accepted, sum(succeeded)::bigint AS succeeded,
    sum(failed)::bigint AS failed, sum(cancelled)::bigint AS cancelled,
    coalesce(sum(attempts), 0)::bigint AS attempts, coalesce(sum(seconds), 0) AS seconds,
    min(shortest) AS shortest, max(longest) AS longest, ARRAY[{slots}]::bigint[] AS slots
FROM (
    SELECT kind, name, date_trunc('minute', at, 'UTC') AS minute, {slot} AS slot,
        count(*) FILTER (WHERE what = 'accepted') AS accepted,
        count(*) FILTER (WHERE what = 'succeeded') AS succeeded,
        count(*) FILTER (WHERE what = 'failed') AS failed,
        count(*) FILTER (WHERE what = 'cancelled') AS cancelled,
        sum(attempts) FILTER (WHERE what <> 'accepted') AS attempts, sum(seconds) AS seconds,
        min(seconds) AS shortest, max(seconds) AS longest, count(seconds) AS timed
    FROM ({facts}) AS facts
    GROUP BY 1, 2, 3, 4
) AS counted
CROSS JOIN unnest({units}) AS unit
GROUP BY 1, 2, 3, 4
"""
_SLOTS = ", ".join(
    f"coalesce(sum(timed) FILTER (WHERE slot = {slot}), 0)" for slot in range(SLOT_COUNT)
)

_RECOUNTED = """
WITH kept AS (
    SELECT until, until - interval '1 hour' AS since FROM actions_rollupmark
)
SELECT format('%s %s', '{kind}', coalesce(stored.name, counted.name)),
    format('minute %s has %s ends, its log says %s', coalesce(stored.bucket, counted.bucket),
        stored.succeeded + stored.failed + stored.cancelled,
        counted.succeeded + counted.failed + counted.cancelled)
FROM (
    SELECT * FROM actions_rollup
    WHERE unit = 'minute' AND kind = '{kind}' AND bucket >= (SELECT since FROM kept)
) AS stored
FULL JOIN ({buckets}) AS counted USING (name, bucket)
WHERE (stored.accepted, stored.succeeded, stored.failed, stored.cancelled, stored.attempts,
        stored.shortest, stored.longest, stored.slots)
    IS DISTINCT FROM (counted.accepted, counted.succeeded, counted.failed, counted.cancelled,
        counted.attempts, counted.shortest, counted.longest, counted.slots)
"""


def count_also(source: Source) -> None:
    """Count what this log says too, from now on."""
    _sources.append(source)


def sources() -> tuple[Source, ...]:
    """All that is counted."""
    return tuple(_sources)


def buckets(*, of: tuple[Source, ...], units: str, since: str, until: str) -> str:
    """Selects the roll-ups of what the logs say between two moments, for each unit of an array."""
    facts = " UNION ALL ".join(source.facts for source in of)
    return _BUCKETS.format(
        slots=_SLOTS,
        slot=slot_in_sql("seconds"),
        units=units,
        facts=facts.format(since=since, until=until),
    )


def promises_of(source: Source) -> tuple[Promise, ...]:
    """That the minutes of the last hour are what the log says, counted anew."""
    counted = buckets(
        of=(source,),
        units="ARRAY['minute']",
        since="(SELECT since FROM kept)",
        until="(SELECT until FROM kept)",
    )
    return (
        Promise(
            name=f"{source.kind}-rolled-up",
            sentence=f"The roll-ups of each {source.kind} count what the log says, once.",
            statement=_RECOUNTED.format(kind=source.kind, buckets=counted),
        ),
    )


PROMISES = (
    *promises_of(_EXECUTIONS),
    Promise(
        name="hours-add-up",
        sentence="The roll-up of an hour is the sum of its minutes, and that of a day of its hours.",
        statement="""
            WITH made AS (
                SELECT 'hour' AS unit, 'minute' AS part,
                    date_trunc('hour', until, 'UTC') - interval '5 hours' AS since
                FROM actions_rollupmark
                UNION ALL
                SELECT 'day', 'hour', date_trunc('day', until, 'UTC') - interval '1 day'
                FROM actions_rollupmark
            ), added AS (
                SELECT made.unit, kind, name, date_trunc(made.unit, bucket, 'UTC') AS bucket,
                    sum(accepted) AS accepted, sum(succeeded) AS succeeded, sum(failed) AS failed,
                    sum(cancelled) AS cancelled
                FROM made JOIN actions_rollup AS one ON one.unit = made.part AND bucket >= since
                GROUP BY 1, 2, 3, 4
            ), stored AS (
                SELECT one.* FROM made
                JOIN actions_rollup AS one ON one.unit = made.unit AND bucket >= since
            )
            SELECT format('%s %s', kind, name), format('differs in the %s of %s', unit, bucket)
            FROM stored FULL JOIN added USING (unit, kind, name, bucket)
            WHERE (stored.accepted, stored.succeeded, stored.failed, stored.cancelled)
                IS DISTINCT FROM (added.accepted, added.succeeded, added.failed, added.cancelled)
        """,
    ),
)
