"""What the search costs an execution: its insert, its claim and its end, with and without it."""

import psycopg
from psycopg import sql

from benchmarks.figures import emit, progress, timed

COUNT = 10_000
GROUP = 100
ROUNDS = 3
# As migration 0004 made them, and the columns whose indexes it dropped.
_ADDED = (
    "execution_by_error_words",
    "execution_by_actor",
    "execution_by_retried",
    "execution_by_rerun",
    "execution_by_failed_action",
)
_DROPPED = ("action_id", "version_id", "retry_of_id", "rerun_of_id")

_STAGE = """
CREATE TABLE staged AS SELECT *, status AS ends, error AS why, error_code AS why_code,
  row_number() OVER (ORDER BY id DESC) AS place FROM actions_execution
  WHERE status IN ('succeeded', 'failed') ORDER BY id DESC LIMIT %(count)s;
UPDATE staged SET status = 'queued', finished_at = NULL, error = NULL, error_code = '',
  idempotency_key = idempotency_key || '-' || %(round)s::text,
  run_at = now() + interval '1 day', id = (to_char(now(), 'YYYYMMDD') || '-' ||
    lpad(%(round)s::text, 4, '0') || '-7000-8000-' || lpad(place::text, 12, '0'))::uuid;
ALTER TABLE staged ADD PRIMARY KEY (place);
"""
_BARE = "UPDATE staged SET terms = ARRAY(SELECT t FROM unnest(terms) AS t WHERE t NOT LIKE '=%')"
_INSERT = """INSERT INTO actions_execution ({columns}) SELECT {columns} FROM staged
  WHERE place > %(from)s AND place <= %(to)s"""
_CLAIM = """UPDATE actions_execution SET status = 'running', worker_id = 1, revision = revision + 1
  WHERE id IN (SELECT id FROM staged WHERE place > %(from)s AND place <= %(to)s)"""
_SETTLE = """UPDATE actions_execution AS e SET status = staged.ends, worker_id = NULL,
  finished_at = now(), error = staged.why, error_code = staged.why_code, revision = e.revision + 1
  FROM staged WHERE e.id = staged.id AND place > %(from)s AND place <= %(to)s"""


def measure_upkeep(url: str) -> None:
    """Print the time of one execution's three writes with the search and without, and the ratio.

    Each round inserts, claims and settles COUNT executions, GROUP in a transaction. Without means
    the indexes and terms of before migration 0004.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        after = [_cost(connection, turn) for turn in range(ROUNDS)]
        for name in _ADDED:
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        for column in _DROPPED:
            index = sql.SQL("CREATE INDEX ON actions_execution ({})")
            connection.execute(index.format(sql.Identifier(column)))
        before = [_cost(connection, turn, is_bare=True) for turn in range(ROUNDS, 2 * ROUNDS)]
    emit("search.upkeep.with", min(after), unit="us", n=COUNT * ROUNDS)
    emit("search.upkeep.without", min(before), unit="us", n=COUNT * ROUNDS)
    emit("search.upkeep.ratio", min(after) / min(before), unit="times", n=COUNT * ROUNDS)


def _cost(connection: psycopg.Connection, turn: int, *, is_bare: bool = False) -> float:
    """The microseconds of one execution in a round; the least of some rounds is free of others."""
    progress(f"writing {COUNT:,} executions {'without' if is_bare else 'with'} the search")
    connection.execute("DROP TABLE IF EXISTS staged")
    with psycopg.ClientCursor(connection) as cursor:
        cursor.execute(_STAGE, {"count": COUNT, "round": turn})
    if is_bare:
        connection.execute(_BARE)
    columns = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'actions_execution'::regclass"
        " AND attnum > 0 AND NOT attisdropped"
    ).fetchall()
    named = sql.SQL(", ").join(sql.Identifier(name) for (name,) in columns)
    insert = sql.SQL(_INSERT).format(columns=named)
    return timed(lambda: _write(connection, insert)) / COUNT * 1e6


def _write(connection: psycopg.Connection, insert: sql.Composed) -> None:
    for begin in range(0, COUNT, GROUP):
        bounds = {"from": begin, "to": begin + GROUP}
        for statement in (insert, sql.SQL(_CLAIM), sql.SQL(_SETTLE)):
            connection.execute(statement, bounds)
