"""The promises of what has not ended, as SQL: it goes on, and no more of it than may.

Floor 4. Only rows that have not ended are looked at, by their indexes, but for effects that may
have happened. What work under way may show for a moment is not asked about.
"""

from actions.promises.statements import Promise

# How many places its version, or the name of a step's limit, gives to who is limited.
_ALLOWED = """coalesce((version.limits -> (limited.number - 1)::int ->> 'allowed')::numeric,
                substring(limited.name FROM '^concurrency:@[^/]*/([0-9]+)/')::numeric)"""

PROMISES = (
    Promise(
        name="no-second-effect",
        sentence="What may have had an effect that may not be repeated is not tried again.",
        statement="""
            SELECT execution.id, format('%s, counts %s attempts, and nobody knows what number %s did',
                execution.status, execution.attempt_count, attempt.number)
            FROM actions_execution AS execution
            JOIN actions_actionversion AS version ON version.id = execution.version_id
            JOIN actions_attempt AS attempt ON attempt.execution_id = execution.id
            WHERE version.effect = 'external' AND NOT version.is_repeatable
              AND (execution.status IN ('queued', 'retrying') OR execution.attempt_count > 1)
              AND (execution.status IN ('queued', 'retrying')
                   OR attempt.number < execution.attempt_count)
              AND attempt.error ->> 'outcome' = 'unknown'
        """,
    ),
    Promise(
        name="limits-hold",
        sentence="No more attempts run under a concurrency limit than it has places for one of them.",
        statement="""
            SELECT limited.name, format('%s run, %s may', count(*), max(place.allowed))
            FROM actions_execution AS execution
            JOIN actions_actionversion AS version ON version.id = execution.version_id
            CROSS JOIN unnest(execution.limits) WITH ORDINALITY AS limited (name, number)
            CROSS JOIN LATERAL (SELECT {allowed} AS allowed) AS place
            WHERE execution.status = 'running' AND limited.name LIKE 'concurrency:%'
            GROUP BY limited.name HAVING count(*) > max(place.allowed)
        """.replace("{allowed}", _ALLOWED),
    ),
    Promise(
        name="free-places-are-given",
        sentence="A place that is free for longer than a lease is given to who waits for it.",
        statement="""
            WITH called AS MATERIALIZED (
                SELECT DISTINCT unnest(limits) AS name FROM actions_execution
                WHERE status IN ('queued', 'retrying') AND blocked_on = '' AND limits <> '{}'
                  AND run_at <= now()
            )
            SELECT head.id, format('waits for %s, of which %s of %s are taken',
                kept.name, kept.taken, place.allowed)
            FROM actions_limit AS kept
            CROSS JOIN LATERAL (
                SELECT id, version_id, limits FROM actions_execution
                WHERE status IN ('queued', 'retrying') AND blocked_on <> ''
                  AND blocked_on = kept.name
                ORDER BY priority DESC, run_at, id LIMIT 1) AS head
            JOIN actions_actionversion AS version ON version.id = head.version_id
            CROSS JOIN unnest(head.limits) WITH ORDINALITY AS limited (name, number)
            CROSS JOIN LATERAL (SELECT {allowed} AS allowed) AS place
            WHERE kept.seconds IS NULL AND limited.name = kept.name
              AND kept.taken < least(kept.allowed, place.allowed)
              AND kept.name NOT IN (SELECT name FROM called)
              AND EXISTS (
                SELECT FROM actions_worker AS worker
                CROSS JOIN LATERAL (SELECT now() - (lease_until - heartbeat_at))
                    AS lease (ago)
                WHERE worker.state = 'alive' AND worker.lease_until > now()
                  AND worker.started_at < lease.ago AND NOT EXISTS (
                    SELECT FROM actions_executionevent AS event
                    JOIN actions_execution AS moved ON moved.id = event.execution_id
                    WHERE event.at > lease.ago AND kept.name = ANY(moved.limits)))
        """.replace("{allowed}", _ALLOWED),
    ),
    Promise(
        name="rates-wake",
        sentence="A rate that blocks somebody says when to look again, within a day or so.",
        statement="""
            SELECT kept.name, format('blocks somebody and wakes at %s',
                coalesce(kept.wakes_at::text, 'no time'))
            FROM actions_limit AS kept
            WHERE kept.seconds IS NOT NULL
              AND coalesce(kept.wakes_at, 'infinity') > now() + interval '2 days'
              AND EXISTS (SELECT FROM actions_execution
                          WHERE status IN ('queued', 'retrying') AND blocked_on <> ''
                            AND blocked_on = kept.name)
        """,
    ),
    # No delay is longer than policy.MAX_DELAY_SECONDS; when a first attempt begins is its caller's.
    Promise(
        name="due-some-day",
        sentence="What waits is due some day; for another attempt within a month.",
        statement="""
            SELECT id, format('%s until %s', status, run_at)
            FROM actions_execution
            WHERE status IN ('queued', 'retrying')
              AND (NOT isfinite(run_at) OR
                   status = 'retrying' AND run_at > now() + interval '31 days')
        """,
    ),
    # Who declares no time-out has at most a day.
    Promise(
        name="attempts-end",
        sentence="What runs past its time-out is held by a worker whose lease goes on.",
        statement="""
            SELECT execution.id, format('runs since %s, held by %s, whose lease ended at %s',
                execution.started_at, worker.label, worker.lease_until)
            FROM actions_execution AS execution
            JOIN actions_worker AS worker ON worker.id = execution.worker_id
            JOIN actions_actionversion AS version ON version.id = execution.version_id
            WHERE execution.status = 'running'
              AND worker.lease_until < now() - interval '5 minutes'
              AND execution.started_at + make_interval(secs => coalesce(
                    (execution.overrides ->> 'timeout_seconds')::float8, version.timeout_seconds,
                    86400)) < now() - interval '5 minutes'
        """,
    ),
    # Nobody is given longer to stop than an hour, and then another one until its worker is ended.
    Promise(
        name="time-outs-hold",
        sentence="Nothing runs for hours past its time-out, or after it was asked to stop.",
        statement="""
            SELECT execution.id, format('runs since %s, asked to stop at %s, held by %s',
                execution.started_at, coalesce(execution.cancel_requested_at::text, 'no time'),
                worker.label)
            FROM actions_execution AS execution
            JOIN actions_worker AS worker ON worker.id = execution.worker_id
            JOIN actions_actionversion AS version ON version.id = execution.version_id
            WHERE execution.status = 'running' AND worker.lease_until > now()
              AND least(execution.cancel_requested_at,
                        execution.started_at + make_interval(secs => coalesce(
                            (execution.overrides ->> 'timeout_seconds')::float8,
                            version.timeout_seconds, 86400)))
                  < now() - interval '2 hours 5 minutes'
        """,
    ),
    Promise(
        name="limits-are-named",
        sentence="What has not ended is counted under every limit that its version has.",
        statement="""
            SELECT execution.id, format('is counted under %s, and its version has %s limits',
                execution.limits, jsonb_array_length(version.limits))
            FROM actions_execution AS execution
            JOIN actions_actionversion AS version ON version.id = execution.version_id
            WHERE execution.status IN ('queued', 'running', 'retrying')
              AND jsonb_array_length(version.limits) <> (
                SELECT count(*) FROM unnest(execution.limits) AS name
                WHERE name NOT LIKE 'concurrency:@%')
        """,
    ),
    # A rule may be for `crash_loop` too.
    Promise(
        name="crashes-end",
        sentence="What its workers have died of three times has ended, unless a rule tries it again.",
        statement="""
            SELECT execution.id, format('%s, its workers have died of it %s times',
                execution.status, execution.crash_count)
            FROM actions_execution AS execution
            JOIN actions_actionversion AS version ON version.id = execution.version_id
            WHERE execution.status IN ('queued', 'running', 'retrying')
              AND execution.crash_count >= 3 AND NOT EXISTS (
                SELECT FROM jsonb_array_elements(
                    coalesce(execution.overrides -> 'retry', version.retry) -> 'rules') AS rule
                WHERE rule ->> 'do' = 'retry')
        """,
    ),
    Promise(
        name="leases-are-short",
        sentence="A lease lasts an hour at most after a heartbeat, and no clock is a day ahead.",
        statement="""
            SELECT id, format('%s has a lease until %s', label, lease_until)
            FROM actions_worker
            WHERE state IN ('alive', 'stopping')
              AND (lease_until > heartbeat_at + interval '1 hour 1 second'
                   OR lease_until > now() + interval '1 day')
        """,
    ),
    Promise(
        name="a-key-in-use-is-on-record",
        sentence="The key of an execution that has not ended stands for it, and for no other.",
        statement="""
            SELECT execution.id, format('%s with a key of %s that stands for %s', execution.status,
                execution.action_name, coalesce(record.execution_id::text, 'nothing'))
            FROM actions_execution AS execution
            LEFT JOIN actions_idempotencyrecord AS record
              ON record.kind = 'action' AND record.name = execution.action_name
             AND record.key = execution.idempotency_key
            WHERE execution.status IN ('queued', 'running', 'retrying')
              AND execution.idempotency_key IS NOT NULL
              AND record.execution_id IS DISTINCT FROM execution.id
        """,
    ),
    Promise(
        name="nothing-is-set-aside",
        sentence="Nothing had to be set aside because its record contradicts itself.",
        statement="""
            SELECT id, format('set aside at %s, counts %s attempts of %s', finished_at,
                attempt_count, max_attempts)
            FROM actions_execution WHERE status = 'failed' AND error_code = 'record_damaged'
        """,
    ),
    Promise(
        name="lanes-are-right",
        sentence="What is due for longer than a lease waits in the lane that its action has now.",
        statement="""
            SELECT execution.id, format('%s, which is %s, waits for %s', execution.action_name,
                CASE WHEN current.is_concurrent THEN 'a coroutine' ELSE 'a plain function' END,
                CASE WHEN current.is_concurrent THEN 'the main lane' ELSE 'the loop' END)
            FROM actions_execution AS execution
            JOIN actions_action AS action ON action.name = execution.action_name
            JOIN actions_actionversion AS current ON current.id = action.current_id
            WHERE execution.status IN ('queued', 'retrying') AND NOT execution.is_declared
              AND current.definition IS NULL
              AND execution.is_concurrent <> current.is_concurrent
              AND EXISTS (
                SELECT FROM actions_worker AS worker
                CROSS JOIN LATERAL (SELECT now() - (lease_until - heartbeat_at))
                    AS lease (ago)
                WHERE worker.state = 'alive' AND worker.lease_until > now()
                  AND worker.started_at < lease.ago AND execution.run_at < lease.ago
                  AND coalesce(execution.started_at, execution.queued_at) < lease.ago
                  AND current.created_at < lease.ago AND NOT EXISTS (
                    SELECT FROM actions_attempt AS attempt
                    WHERE attempt.execution_id = execution.id
                      AND attempt.finished_at > lease.ago))
        """,
    ),
    Promise(
        name="the-cancelled-end",
        sentence="What is asked to be cancelled and does not run has ended.",
        statement="""
            SELECT id, format('%s, to be cancelled since %s', status, cancel_requested_at)
            FROM actions_execution
            WHERE status IN ('queued', 'retrying') AND cancel_requested_at IS NOT NULL
        """,
    ),
)
