"""How late what is due begins, and what a long backlog costs those that claim from it."""

import time
import uuid

import psycopg

from benchmarks import yardstick
from benchmarks.figures import emit, progress
from benchmarks.processes import Tree
from benchmarks.yardstick import Contender

_DUE_COUNT = 200
_SPREAD_SECONDS = 5.0

_PUT_OFF = """
UPDATE actions_execution
SET run_at = clock_timestamp() + interval '1 s' + random() * make_interval(secs => %s)
WHERE id = ANY(%s)
"""
_LATENESS = """
SELECT percentile_cont(%s) WITHIN GROUP
    (ORDER BY extract(epoch FROM first_started_at - run_at) * 1000)
FROM actions_execution WHERE id = ANY(%s)
"""
_COPY = """
INSERT INTO actions_execution ({columns}) SELECT {values} FROM actions_execution,
generate_series(1, %s) WHERE id = %s
"""
_COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_name = 'actions_execution' AND column_name <> 'id'
"""


def measure_lateness(contender: Contender, *, cluster: Tree) -> None:
    """Print how many milliseconds after their due times executions begin on an idle engine."""
    progress(f"ours: {_DUE_COUNT} due at times of their own")
    with psycopg.connect(contender.url, autocommit=True) as watch:
        cluster.freeze()
        made = [uuid.UUID(contender.submit(number)) for number in range(_DUE_COUNT)]
        watch.execute(_PUT_OFF, [_SPREAD_SECONDS, made])
        cluster.thaw()
        yardstick.wait_until_empty(contender, watch)
        for share, name in ((0.5, "p50"), (0.99, "p99")):
            row = watch.execute(_LATENESS, [share, made]).fetchone()
            emit(f"ours.due.lateness_{name}", float(row[0]) if row else -1, unit="ms", n=_DUE_COUNT)


def measure_backlog(contender: Contender, *, cluster: Tree, count: int) -> None:
    """Print how fast a backlog is drained that was there before anybody had looked at it."""
    progress(f"ours: a backlog of {count}")
    with psycopg.connect(contender.url, autocommit=True) as watch:
        cluster.freeze()
        first = contender.submit(0)
        names = [name for (name,) in watch.execute(_COLUMNS)]
        columns = ", ".join(["id", *names])
        values = ", ".join(["gen_random_uuid()", *names])
        watch.execute(_COPY.format(columns=columns, values=values), [count - 1, first])
        began = time.perf_counter()
        cluster.thaw()
        yardstick.wait_until_empty(contender, watch)
        rate = count / (time.perf_counter() - began)
        emit(f"ours.backlog.{count}.drain", rate, unit="/s", n=count)
