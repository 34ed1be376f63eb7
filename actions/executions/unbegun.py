"""Claims that never became an attempt, or left no trace of one: as SQL, what is written of them.

Floor 4. Their attempt is not counted, and its row goes; the log keeps that there was a claim.
"""

# Claims that came too late for another attempt: each ends as the attempt before it did.
GIVE_UP = """
WITH ended AS (
    SELECT * FROM json_to_recordset(%(endings)s::json)
        AS ended (id uuid, attempt int, decision text, retention float8)
), settled AS (
    UPDATE actions_execution AS execution SET
        status = CASE WHEN execution.cancel_requested_at IS NOT NULL THEN 'cancelled'
                      ELSE 'failed' END,
        worker_id = NULL, attempt_count = execution.attempt_count - 1,
        started_at = before.started_at, finished_at = clock_timestamp(),
        event_count = execution.event_count + 2, revision = execution.revision + 1
    FROM ended JOIN actions_attempt AS before
      ON before.execution_id = ended.id AND before.number = ended.attempt - 1
    WHERE execution.id = ended.id AND execution.status = 'running'
      AND execution.attempt_count = ended.attempt AND execution.worker_id = %(worker)s
    RETURNING execution.id, execution.status, execution.event_count, execution.finished_at,
        execution.idempotency_key, execution.waited_until, execution.limits, execution.run_id,
        execution.step_id, execution.error, execution.error_code,
        ended.attempt, ended.decision, ended.retention
), dropped AS (
    DELETE FROM actions_attempt AS attempt USING settled
    WHERE attempt.execution_id = settled.id AND attempt.number = settled.attempt
), tried AS (
    UPDATE actions_attempt AS attempt SET decision = settled.decision, delay_seconds = NULL
    FROM settled
    WHERE attempt.execution_id = settled.id AND attempt.number = settled.attempt - 1
), kept AS (
    UPDATE actions_idempotencyrecord AS record
    SET expires_at = settled.finished_at + make_interval(secs => settled.retention)
    FROM settled
    WHERE settled.idempotency_key IS NOT NULL AND record.execution_id = settled.id
), logged AS (
    INSERT INTO actions_executionevent
        (execution_id, seq, type, at, actor_kind, actor_id, actor_label, attempt,
         worker_label, request_id, data)
    SELECT id, event_count - 1, 'attempt_released', clock_timestamp(), 'system', '', %(label)s,
        attempt, %(label)s, '', jsonb_build_object('reason', decision)
    FROM settled
    UNION ALL
    SELECT id, event_count, status, clock_timestamp(), 'system', '', %(label)s, attempt - 1,
        %(label)s, '', jsonb_build_object('code', error_code, 'message', error ->> 'message',
                                          'reason', decision)
    FROM settled
)
SELECT id, waited_until > clock_timestamp(), limits, run_id, step_id FROM settled
"""

# Claims that are returned as if they had not been taken.
GIVE_BACK = """
WITH given AS (
    UPDATE actions_execution SET
        status = CASE WHEN cancel_requested_at IS NOT NULL THEN 'cancelled'
                      WHEN attempt_count > 1 THEN 'retrying' ELSE 'queued' END,
        finished_at = CASE WHEN cancel_requested_at IS NOT NULL THEN clock_timestamp() END,
        worker_id = NULL, attempt_count = attempt_count - 1, loss_count = loss_count + %(loss)s,
        event_count = event_count + 1, revision = revision + 1
    WHERE id = ANY(%(ids)s) AND status = 'running' AND worker_id = %(worker)s
    RETURNING id, attempt_count + 1 AS attempt, event_count, queue, is_concurrent, limits,
        version_id, finished_at, waited_until, run_id, step_id
), dropped AS (
    DELETE FROM actions_attempt USING given
    WHERE execution_id = given.id AND number = given.attempt
), logged AS (
    INSERT INTO actions_executionevent
        (execution_id, seq, type, at, actor_kind, actor_id, actor_label, attempt,
         worker_label, request_id, data)
    SELECT id, event_count,
        CASE WHEN finished_at IS NULL THEN 'attempt_released' ELSE 'cancelled' END,
        clock_timestamp(), 'system', '', %(label)s,
        attempt, %(label)s, '', jsonb_build_object('reason', %(reason)s::text) FROM given
)
SELECT id, queue, is_concurrent, limits, version_id, finished_at IS NOT NULL,
    finished_at IS NOT NULL AND waited_until > clock_timestamp(),
    CASE WHEN finished_at IS NOT NULL THEN run_id END, step_id
FROM given
"""
