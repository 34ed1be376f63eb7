"""Statements that break the promises that `manage.py fsck` checks."""

# One that breaks each promise, by its name.
BREAKS = {
    "held-by-the-living": "UPDATE actions_worker SET state = 'dead'",
    "every-attempt-is-a-row": (
        "DELETE FROM actions_attempt WHERE number = 1 AND outcome = 'succeeded'"
    ),
    "one-attempt-at-a-time": (
        "UPDATE actions_attempt SET outcome = 'failed', finished_at = now() "
        "WHERE outcome = 'running'"
    ),
    "one-success": "UPDATE actions_attempt SET outcome = 'failed' WHERE outcome = 'succeeded'",
    "log-without-gaps": "UPDATE actions_execution SET event_count = event_count + 1",
    "log-agrees": ("UPDATE actions_execution SET status = 'cancelled' WHERE status = 'succeeded'"),
    "one-end": (
        "INSERT INTO actions_executionevent SELECT execution_id, seq + 1, type, at, '', '', '', "
        "1, '', '', '{}' FROM actions_executionevent WHERE type = 'succeeded'"
    ),
    "one-execution-for-a-key": "UPDATE actions_idempotencyrecord SET name = 'other'",
    "keys-outlive-their-work": "UPDATE actions_idempotencyrecord SET expires_at = NULL",
    "blocked-by-what-is-there": (
        "UPDATE actions_execution SET blocked_on = 'nothing' WHERE status = 'retrying'"
    ),
    "a-success-has-its-result": (
        "UPDATE actions_execution SET result = NULL WHERE status = 'succeeded'"
    ),
    "places-are-counted": "UPDATE actions_limit SET taken = taken + 1",
    "nobody-is-forgotten": (
        "INSERT INTO actions_worker (host, pid, label, build, queues, state, lease_until, "
        "backend_pid, backend_started_at) VALUES ('h', 1, 'h:1', '', '{}', 'alive', "
        "now() + interval '1 hour', 0, now()); UPDATE actions_worker SET heartbeat_at = now() - "
        "interval '3 hours', lease_until = now() - interval '2 hours 59 minutes' WHERE pid <> 1"
    ),
    "the-last-attempt-agrees": """
        UPDATE actions_attempt SET outcome = 'cancelled' WHERE outcome = 'failed'""",
    "nothing-without-an-execution": """
        DELETE FROM actions_execution WHERE action_name = 'probe-decline'""",
    "no-second-effect": """
        UPDATE actions_attempt SET error = '{"outcome": "unknown"}' WHERE outcome = 'failed';
        UPDATE actions_execution SET status = 'retrying', finished_at = NULL
        WHERE action_name = 'probe-decline'""",
    "limits-hold": """
        INSERT INTO actions_execution SELECT (jsonb_populate_record(one, jsonb_build_object(
            'id', gen_random_uuid(), 'status', 'running', 'worker_id', 1, 'finished_at', NULL))).*
        FROM actions_execution AS one, generate_series(1, 2)
        WHERE action_name = 'probe-one-per-customer'""",
    "free-places-are-given": """
        UPDATE actions_worker SET started_at = now() - interval '1 hour';
        UPDATE actions_execution SET blocked_on = limits[1], status = 'queued', finished_at = NULL
        WHERE action_name = 'probe-one-per-customer';
        ALTER TABLE actions_executionevent DISABLE TRIGGER USER;
        UPDATE actions_executionevent SET at = now() - interval '1 hour';
        ALTER TABLE actions_executionevent ENABLE TRIGGER USER""",
    "rates-wake": """
        UPDATE actions_limit SET seconds = 60;
        UPDATE actions_execution SET blocked_on = (SELECT name FROM actions_limit)
        WHERE status = 'retrying'""",
    "due-some-day": "UPDATE actions_execution SET run_at = 'infinity' WHERE status = 'retrying'",
    "attempts-end": """
        UPDATE actions_worker SET lease_until = now() - interval '6 minutes',
            heartbeat_at = now() - interval '7 days';
        UPDATE actions_execution SET started_at = now() - interval '2 days'
        WHERE status = 'running'""",
    "leases-are-short": "UPDATE actions_worker SET lease_until = 'infinity'",
    "a-key-in-use-is-on-record": """
        UPDATE actions_execution SET idempotency_key = 'gone' WHERE status = 'running'""",
    "time-outs-hold": """
        UPDATE actions_worker SET lease_until = now() + interval '30 seconds';
        UPDATE actions_execution SET started_at = now() - interval '2 days'
        WHERE status = 'running'""",
    "limits-are-named": """
        UPDATE actions_execution SET limits = '{}', status = 'queued', finished_at = NULL
        WHERE action_name = 'probe-one-per-customer'""",
    "crashes-end": "UPDATE actions_execution SET crash_count = 9 WHERE status = 'retrying'",
    "nothing-is-set-aside": """
        UPDATE actions_execution SET error_code = 'record_damaged' WHERE status = 'failed'""",
    "lanes-are-right": """
        UPDATE actions_worker SET started_at = now() - interval '1 hour';
        UPDATE actions_actionversion SET created_at = now() - interval '1 hour';
        UPDATE actions_attempt SET finished_at = now() - interval '1 hour'
        WHERE finished_at IS NOT NULL;
        UPDATE actions_execution SET is_concurrent = true, started_at = now() - interval '1 hour',
            run_at = now() - interval '1 hour' WHERE status = 'retrying'""",
    "the-cancelled-end": """
        UPDATE actions_execution SET cancel_requested_at = now() WHERE status = 'retrying'""",
    "the-log-is-guarded": "DROP TRIGGER log_is_not_truncated ON actions_logline_rest",
}
# Other ways to break them.
ALSO_BREAKS = [
    (
        "one-success",
        """
        DELETE FROM actions_attempt WHERE outcome = 'succeeded';
        UPDATE actions_execution SET attempt_count = 0 WHERE status = 'succeeded'""",
    ),
    (
        "the-last-attempt-agrees",
        """
        UPDATE actions_attempt SET outcome = 'failed' WHERE outcome = 'succeeded';
        UPDATE actions_execution SET status = 'cancelled', attempt_count = 2
        WHERE status = 'succeeded'""",
    ),
    (
        "nothing-without-an-execution",
        """
        INSERT INTO actions_executionevent SELECT (jsonb_populate_record(one, jsonb_build_object(
            'execution_id', actions_first_id(now())))).*
        FROM actions_executionevent AS one LIMIT 1""",
    ),
    (
        "no-second-effect",
        """
        UPDATE actions_attempt SET error = '{"outcome": "unknown"}' WHERE outcome = 'failed';
        INSERT INTO actions_attempt
        SELECT (jsonb_populate_record(first, '{"number": 2, "error": null}')).*
        FROM actions_attempt AS first JOIN actions_execution AS tried ON tried.id = execution_id
        WHERE action_name = 'probe-decline';
        UPDATE actions_execution SET attempt_count = 2 WHERE action_name = 'probe-decline'""",
    ),
    (
        "a-key-in-use-is-on-record",
        """
        INSERT INTO actions_execution SELECT (jsonb_populate_record(one, jsonb_build_object(
            'id', gen_random_uuid(), 'idempotency_key', 'k', 'action_name', 'probe-mark'))).*
        FROM actions_execution AS one, generate_series(1, 2) WHERE status = 'retrying'""",
    ),
    (
        "leases-are-short",
        "UPDATE actions_worker SET lease_until = heartbeat_at + interval '2 hours'",
    ),
    (
        "time-outs-hold",
        """
        UPDATE actions_execution SET cancel_requested_at = now() - interval '3 hours'
        WHERE status = 'running'""",
    ),
    (
        "due-some-day",
        "UPDATE actions_execution SET run_at = '2345-01-01' WHERE status = 'retrying'",
    ),
    (
        "the-log-is-guarded",
        "ALTER TABLE actions_executionevent_rest DISABLE TRIGGER log_is_append_only",
    ),
    ("the-log-is-guarded", "ALTER TABLE actions_auditevent DISABLE TRIGGER USER"),
]
