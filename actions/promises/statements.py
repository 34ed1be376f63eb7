"""The promises as SQL: each statement returns (subject, detail) for whatever breaks its sentence.

Floor 4. A check speaks of committed rows only, so work under way breaks none of them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """A sentence that is always true of the rows, and the statement that finds exceptions."""

    name: str
    sentence: str
    statement: str


PROMISES = (
    Promise(
        name="held-by-the-living",
        sentence="An execution that runs is held by a worker that may hold it.",
        statement="""
            SELECT execution.id, coalesce('held by a worker that is ' || worker.state,
                                          'held by nobody known')
            FROM actions_execution AS execution
            LEFT JOIN actions_worker AS worker ON worker.id = execution.worker_id
            WHERE execution.status = 'running'
              AND coalesce(worker.state, '') NOT IN ('alive', 'stopping')
        """,
    ),
    Promise(
        name="every-attempt-is-a-row",
        sentence="An execution has one row for every attempt that it counts, and no other.",
        statement="""
            SELECT execution.id, format('counts %s, has %s up to number %s',
                execution.attempt_count, count(attempt.number), max(attempt.number))
            FROM actions_execution AS execution
            LEFT JOIN actions_attempt AS attempt ON attempt.execution_id = execution.id
            GROUP BY execution.id
            HAVING count(attempt.number) <> execution.attempt_count
                OR coalesce(max(attempt.number), 0) <> execution.attempt_count
        """,
    ),
    Promise(
        name="one-attempt-at-a-time",
        sentence="Exactly the last attempt of an execution that runs is open.",
        statement="""
            SELECT attempt.execution_id, format('attempt %s is %s while the execution is %s',
                attempt.number, attempt.outcome, execution.status)
            FROM actions_attempt AS attempt
            JOIN actions_execution AS execution ON execution.id = attempt.execution_id
            WHERE (attempt.outcome = 'running')
               <> (execution.status = 'running' AND attempt.number = execution.attempt_count)
        """,
    ),
    Promise(
        name="one-success",
        sentence="An execution has succeeded exactly when its last attempt has, and no other did.",
        statement="""
            SELECT execution.id, format('%s with successful attempts %s', execution.status,
                array_agg(attempt.number) FILTER (WHERE attempt.outcome = 'succeeded'))
            FROM actions_execution AS execution
            LEFT JOIN actions_attempt AS attempt ON attempt.execution_id = execution.id
            GROUP BY execution.id
            HAVING coalesce(array_agg(attempt.number)
                                FILTER (WHERE attempt.outcome = 'succeeded'), '{}')
                <> CASE WHEN execution.status = 'succeeded' THEN ARRAY[execution.attempt_count]
                        ELSE '{}' END
        """,
    ),
    Promise(
        name="the-last-attempt-agrees",
        sentence="What has failed or was cancelled has a last attempt that ended so.",
        statement="""
            SELECT execution.id, format('%s after an attempt that is %s', execution.status,
                coalesce(attempt.outcome, 'not there'))
            FROM actions_execution AS execution
            LEFT JOIN actions_attempt AS attempt ON attempt.execution_id = execution.id
                AND attempt.number = execution.attempt_count
            WHERE execution.status IN ('failed', 'cancelled')
              AND coalesce(attempt.outcome, '') NOT IN ('failed', 'timed_out', 'lost')
              AND (execution.status = 'cancelled' AND (attempt.outcome = 'cancelled'
                                                       OR execution.attempt_count = 0)) IS NOT TRUE
        """,
    ),
    Promise(
        name="nothing-without-an-execution",
        sentence="Attempts and events of the last hour belong to an execution.",
        statement="""
            SELECT DISTINCT execution_id, kind || ' without an execution'
            FROM (
                SELECT execution_id, 'attempts' AS kind FROM actions_attempt
                UNION ALL
                SELECT execution_id, 'events' FROM actions_executionevent
            ) AS part
            WHERE execution_id >= actions_first_id(now() - interval '1 hour')
              AND NOT EXISTS (SELECT FROM actions_execution WHERE id = part.execution_id)
        """,
    ),
    Promise(
        name="log-without-gaps",
        sentence="The events of an execution are numbered from 1 without a gap.",
        statement="""
            SELECT execution.id, format('counts %s events, has %s up to number %s',
                execution.event_count, count(event.seq), max(event.seq))
            FROM actions_execution AS execution
            LEFT JOIN actions_executionevent AS event ON event.execution_id = execution.id
            GROUP BY execution.id
            HAVING count(event.seq) <> execution.event_count
                OR coalesce(max(event.seq), 0) <> execution.event_count
        """,
    ),
    Promise(
        name="log-agrees",
        sentence="The last event that moved an execution says where it stands.",
        statement="""
            SELECT execution.id, format('%s, its log says %s', execution.status, moved.type)
            FROM actions_execution AS execution
            JOIN LATERAL (
                SELECT type, attempt FROM actions_executionevent AS event
                WHERE event.execution_id = execution.id AND type IN ('queued', 'attempt_started',
                    'attempt_released', 'retry_scheduled', 'succeeded', 'failed', 'cancelled')
                ORDER BY seq DESC LIMIT 1
            ) AS moved ON true
            WHERE execution.status <> CASE moved.type
                WHEN 'attempt_started' THEN 'running'
                WHEN 'retry_scheduled' THEN 'retrying'
                WHEN 'attempt_released'
                    THEN CASE WHEN moved.attempt > 1 THEN 'retrying' ELSE 'queued' END
                ELSE moved.type END
        """,
    ),
    Promise(
        name="one-end",
        sentence="The log of an execution says exactly once how it ended, if it has.",
        statement="""
            SELECT execution.id, format('%s with %s ends', execution.status, count(event.seq))
            FROM actions_execution AS execution
            LEFT JOIN actions_executionevent AS event ON event.execution_id = execution.id
                AND event.type IN ('succeeded', 'failed', 'cancelled')
            GROUP BY execution.id
            HAVING count(event.seq)
                <> (execution.status IN ('succeeded', 'failed', 'cancelled'))::int
        """,
    ),
    Promise(
        name="one-execution-for-a-key",
        sentence="A key names one execution of its action, which carries the key.",
        statement="""
            SELECT record.execution_id, format('key of %s, carried by %s', record.name,
                coalesce(execution.action_name, 'nobody'))
            FROM actions_idempotencyrecord AS record
            LEFT JOIN actions_execution AS execution ON execution.id = record.execution_id
            WHERE record.kind = 'action'
              AND (execution.idempotency_key IS DISTINCT FROM record.key
                   OR execution.action_name IS DISTINCT FROM record.name)
        """,
    ),
    Promise(
        name="keys-outlive-their-work",
        sentence="A key expires only after its execution has ended, and then unless it is for ever.",
        statement="""
            SELECT record.execution_id, format('%s, key expires at %s', execution.status,
                coalesce(record.expires_at::text, 'never'))
            FROM actions_idempotencyrecord AS record
            JOIN actions_execution AS execution ON execution.id = record.execution_id
            JOIN actions_actionversion AS version ON version.id = execution.version_id
            WHERE record.kind = 'action'
              AND (record.expires_at IS NULL) <> (execution.finished_at IS NULL)
              AND NOT (record.expires_at IS NULL
                       AND coalesce(version.key_retention = '"forever"', false))
        """,
    ),
    Promise(
        name="nobody-is-forgotten",
        sentence="What a worker that fell silent held is taken back within another lease.",
        statement="""
            SELECT execution.id, format('held by %s, silent since %s', worker.label,
                worker.heartbeat_at)
            FROM actions_execution AS execution
            JOIN actions_worker AS worker ON worker.id = execution.worker_id
            WHERE worker.lease_until < clock_timestamp()
                - 2 * (worker.lease_until - worker.heartbeat_at)
              AND EXISTS (SELECT 1 FROM actions_worker AS other
                          WHERE other.state = 'alive' AND other.lease_until > clock_timestamp())
        """,
    ),
    Promise(
        name="places-are-counted",
        sentence="The counter of a limit counts the attempts that run under it.",
        statement="""
            SELECT kept.name, format('counts %s, %s run', kept.taken, coalesce(held.count, 0))
            FROM actions_limit AS kept
            LEFT JOIN (
                SELECT name, count(*) AS count
                FROM actions_execution CROSS JOIN unnest(limits) AS name
                WHERE status = 'running' GROUP BY name
            ) AS held ON held.name = kept.name
            WHERE kept.seconds IS NULL AND kept.taken <> coalesce(held.count, 0)
        """,
    ),
    Promise(
        name="blocked-by-what-is-there",
        sentence="What a limit blocks is blocked by a limit that is counted.",
        statement="""
            SELECT execution.id, format('blocked on %s, which is not there', execution.blocked_on)
            FROM actions_execution AS execution
            WHERE execution.status IN ('queued', 'retrying') AND execution.blocked_on <> ''
              AND NOT EXISTS (SELECT FROM actions_limit WHERE name = execution.blocked_on)
        """,
    ),
    Promise(
        name="a-success-has-its-result",
        sentence="What has succeeded has a result, be it null.",
        statement="""
            SELECT id, 'has succeeded without a result'
            FROM actions_execution WHERE status = 'succeeded' AND result IS NULL
        """,
    ),
)
