"""Made-up executions by the million, written by SQL alone: what a busy site has after 60 days.

Fifty actions, of which every tenth never fails; a hundred thousand users, of whom one asked for a
twentieth of everything and another stopped asking 50 days ago; one execution in twenty failed, with
one of 40 errors that all share a word; a few are under way.
"""

import psycopg
from psycopg import sql

from benchmarks.figures import progress

DAYS = 60
BUSY_USER, GONE_USER = "usr_busy", "usr_gone"
SHARED_WORD, RARE_WORD = "upstream", "certificate"
RETIRED_ACTION, NEVER_FAILED_ACTION = "job-49", "job-10"

_INDEXES = """SELECT indexname, indexdef FROM pg_indexes
  WHERE tablename IN ('actions_execution', 'actions_attempt')
  AND indexname NOT IN (SELECT conname FROM pg_constraint)"""

_ATTEMPTS = """
INSERT INTO actions_attempt
  (execution_id, number, outcome, worker_id, worker_label, started_at, finished_at, decision)
SELECT id, 1, status, w, 'host-' || w % 4 || ':' || w, started_at, finished_at, ''
FROM (SELECT id, CASE WHEN status IN ('succeeded', 'failed', 'cancelled') THEN status
    ELSE 'running' END AS status, started_at, finished_at,
    (extract(epoch FROM queued_at)::bigint / 86400 * 4) % 1000 + hashint8(event_count) % 2
      + get_byte(decode(left(trace_id, 2), 'hex'), 0) % 4 AS w
  FROM actions_execution WHERE attempt_count > 0) AS run
"""

# One row of numbers for each execution; every share below is a remainder of a hashed number.
_DRAWN = """
SELECT n, moment, (extract(epoch FROM moment) * 1000)::bigint AS ms, job, h,
  CASE WHEN n >= %(rows)s - 300 AND n %% 10 < 2 THEN 'running'
    WHEN n >= %(rows)s - 300 THEN 'queued'
    WHEN h1 %% 5000 = 0 THEN 'cancelled'
    WHEN h1 %% 20 = 1 AND job %% 10 <> 0 THEN 'failed'
    ELSE 'succeeded' END AS status,
  CASE WHEN h2 %% 20 = 0 THEN 'usr_busy'
    WHEN h2 %% 20 = 1 AND is_early THEN 'usr_gone'
    ELSE 'usr_' || (h2 / 20 %% 100000) END AS user_id,
  h1 / 20 %% 40 AS fault, h3
FROM (
  SELECT n, hashint8(n)::bigint + 2147483648 AS h1, hashint8(n + 7777777)::bigint + 2147483648 AS h2,
    hashint8(n + 99999999)::bigint + 2147483648 AS h3, md5(n::text) AS h,
    n < %(rows)s / 6 AS is_early,
    CASE WHEN n >= %(rows)s / 6 AND hashint8(n + 5)::bigint + 2147483648 >= 0
      THEN (hashint8(n + 5)::bigint + 2147483648) %% 49
      ELSE (hashint8(n + 5)::bigint + 2147483648) %% 50 END AS job,
    now() - make_interval(days => %(days)s) * (1 - n::float / %(rows)s) AS moment
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
) AS hashed
"""

_FILL = """
INSERT INTO actions_execution (id, action_id, version_id, action_name, status, queue, priority, run_at,
  attempt_count, is_concurrent, max_attempts, crash_count, worker_id, params, result, error,
  error_code, metadata, terms, idempotency_key, key_generation, replay_count, downstream_key,
  actor_kind, actor_id, actor_label, request_id, trace_id, queued_at, first_started_at, started_at,
  finished_at, event_count, revision)
SELECT made.id, a.id, a.current_id, a.name, status, 'default', 0, moment,
  (status <> 'queued')::int, false, 3, 0, CASE WHEN status = 'running' THEN 1 END, params,
  CASE WHEN status = 'succeeded' THEN jsonb_build_object('receipt', h, 'count', h3 %% 9) END,
  CASE WHEN status = 'failed' THEN error END,
  CASE WHEN status = 'failed' THEN error->>'code' ELSE '' END, '{}',
  (SELECT array_agg(DISTINCT text) || array_agg(DISTINCT '=' || encode(substring(sha256(
     convert_to(path, 'UTF8') || '\\x00'::bytea || convert_to(text, 'UTF8')) FOR 12), 'base64'))
   FROM (SELECT key AS path, value #>> '{}' AS text FROM jsonb_each(params - 'address')
     UNION ALL SELECT 'address.' || key, value #>> '{}' FROM jsonb_each(params->'address')) AS leaf
   WHERE length(text) <= 64),
  CASE WHEN n %% 2 = 0 THEN 'key-' || n END, (n %% 2 = 0)::int, 0, 'exec_' || h,
  'api_key', (h3 %% 12)::text, 'client-' || h3 %% 12, 'req_' || h, h, moment,
  CASE WHEN status <> 'queued' THEN moment + interval '20 ms' END,
  CASE WHEN status <> 'queued' THEN moment + interval '20 ms' END,
  CASE WHEN status NOT IN ('queued', 'running') THEN moment + interval '90 ms' END, 4, 3
FROM (
  SELECT *, (lpad(to_hex(ms), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid
      AS id,
    jsonb_build_object('userId', user_id, 'orderId', 'ord_' || n, 'amount', h3 %% 90000,
      'currency', (ARRAY['EUR', 'USD', 'GBP', 'BGN'])[1 + h3 %% 4], 'isTrial', h3 %% 3 = 0,
      'note', repeat('Please leave it at the door. ', (h3 %% 6)::int), 'address',
      jsonb_build_object('city', 'city-' || h3 %% 400, 'zip', (10000 + h3 %% 8000)::text)) AS params,
    jsonb_build_object('type', 'Failed', 'code', CASE fault
        WHEN 0 THEN 'smtp_connection_refused' WHEN 1 THEN 'certificate_expired'
        ELSE 'fault_' || fault END,
      'message', CASE fault WHEN 0 THEN 'SMTP connection refused by mail.internal:2525 (upstream)'
        WHEN 1 THEN 'The certificate of the upstream has expired'
        ELSE 'Fault ' || fault || ' of the upstream service for ' || user_id END,
      'retriable', false, 'outcome', 'not_applied', 'details', NULL, 'attempt', 1,
      'traceback', repeat('  File "somewhere.py", line 12' || E'\\n', 20)) AS error
  FROM ({drawn}) AS drawn
) AS made JOIN actions_action AS a ON a.name = 'job-' || job
""".replace("{drawn}", _DRAWN)


BATCH = 100_000
ACTIONS = 50


def fill(url: str, *, rows: int) -> None:
    """Fill an empty, migrated database, and vacuum it; its indexes are made again at the end."""
    _make_catalogue()
    with psycopg.connect(url, autocommit=True) as connection:
        indexes = connection.execute(_INDEXES).fetchall()
        for name, _ in indexes:
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        for first in range(0, rows, BATCH):
            progress(f"filling, {first:,} of {rows:,}")
            append(connection, first=first, last=min(first + BATCH, rows) - 1, rows=rows)
        connection.execute(_ATTEMPTS)
        progress("making the indexes")
        connection.execute("SET maintenance_work_mem = '1GB'")
        for _, definition in indexes:
            connection.execute(definition)
        connection.execute("VACUUM (ANALYZE)")


def append(connection: psycopg.Connection, *, first: int, last: int, rows: int) -> None:
    """Insert the executions with these numbers, of so many in all."""
    bounds = {"rows": rows, "days": DAYS, "first": first, "last": last}
    connection.execute(_FILL, bounds)


def _make_catalogue() -> None:
    from actions.models import Action, ActionVersion  # noqa: PLC0415 - after the set-up

    for number in range(ACTIONS):
        action = Action.objects.create(name=f"job-{number}", origin="code")
        action.current = ActionVersion.objects.create(
            action=action,
            number=1,
            effect="none",
            is_repeatable=False,
            params_schema={},
            result_schema={},
            retry={"max_attempts": 3},
            idempotency="optional",
            queue="default",
        )
        action.save()
