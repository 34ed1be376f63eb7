"""Measure this product: `python -m benchmarks.ours --database-url URL`.

The verbs are called in this process; workers and web server are processes of their own.
"""

import argparse
import statistics
import time
from collections.abc import Mapping

import psycopg

from benchmarks import yardstick
from benchmarks.figures import emit, emit_latencies, progress
from benchmarks.ours import http, installation, turns
from benchmarks.ours.slow_server import slow_server
from benchmarks.processes import Tree
from benchmarks.yardstick import Contender, Size

_IS_DONE = "SELECT 1 FROM actions_execution WHERE id = %s AND finished_at IS NOT NULL"
# The two halves are the conditions of the two partial indexes on unfinished executions.
_IS_BUSY = """SELECT 1 WHERE
  EXISTS (SELECT FROM actions_execution WHERE status IN ('queued', 'retrying'))
  OR EXISTS (SELECT FROM actions_execution WHERE status = 'running')"""
_HAS_FULL_RECORD = """SELECT count(*) FROM actions_execution AS e
  WHERE e.status = 'succeeded' AND e.attempt_count = 1
  AND (SELECT count(*) FROM actions_attempt AS a WHERE a.execution_id = e.id) = 1
  AND (SELECT count(*) FROM actions_executionevent AS v WHERE v.execution_id = e.id) >= 4"""


def main() -> None:
    """Make an installation on an empty database, and measure it."""
    asked = yardstick.parser().parse_args()
    with installation.installed(asked.database_url) as env:
        _measure(asked, env)


def _measure(asked: argparse.Namespace, env: Mapping[str, str]) -> None:
    size = yardstick.size_of(asked)
    with installation.workers(env) as cluster:
        both = [_contender(effect, url=asked.database_url) for effect in ("none", "transactional")]
        yardstick.measure(*both, workers=[cluster], size=size)
        with installation.web(env) as server:
            yardstick.measure_idle("ours", {"workers": cluster, "web": server})
            key = installation.run_manage(
                "create_api_key", "bench", "--scope", "actions:execute", env=env
            )
            _measure_http(env, key=key.strip(), cluster=cluster, size=size)
        contender = _contender("none", url=asked.database_url)
        _measure_many_at_a_time(contender, cluster=cluster)
        turns.measure_lateness(contender, cluster=cluster)
        _check_record(asked.database_url)
        # Copies of one row have no record of their own, so they come last.
        for count in (size.count, size.count * 10):
            turns.measure_backlog(contender, cluster=cluster, count=count)


def _contender(effect: str, *, url: str) -> Contender:
    # Models can be imported once Django is set up.
    from actions import executions  # noqa: PLC0415
    from actions.actors import Actor  # noqa: PLC0415

    by = Actor(kind="system", id="bench", label="bench")

    def submit(number: int) -> str:
        made = executions.submit(action=f"noop-{effect}", params={"number": number}, by=by)
        return str(made.execution.id)

    return Contender(
        name=f"ours.{effect}", url=url, submit=submit, is_done=_IS_DONE, is_busy=_IS_BUSY
    )


def _measure_http(env: Mapping[str, str], *, key: str, cluster: Tree, size: Size) -> None:
    port = installation.port_of(env)
    contender = _contender("none", url=env["DATABASE_URL"])
    with psycopg.connect(contender.url, autocommit=True) as watch:
        progress("ours: POST and wait for the result, one at a time")
        waiting = [_post(number, key=key, prefer="wait=10") for number in range(size.samples)]
        emit_latencies("ours.http.latency", http.send_all(waiting, port=port, connections=1))
        rates = []
        for turn in range(size.rounds):
            progress(f"ours: {size.count} POSTs over 8 connections, {turn + 1} of {size.rounds}")
            cluster.freeze()
            requests = [
                _post(number, key=key, prefer="respond-async") for number in range(size.count)
            ]
            began = time.perf_counter()
            http.send_all(requests, port=port, connections=8)
            rates.append(size.count / (time.perf_counter() - began))
            cluster.thaw()
            yardstick.wait_until_empty(contender, watch)
    emit("ours.http.submit", statistics.median(rates), unit="/s", n=size.count * size.rounds)


def _post(number: int, *, key: str, prefer: str) -> bytes:
    headers = {"Authorization": f"Bearer {key}", "Prefer": prefer}
    body = {"params": {"number": number}}
    return http.post("/api/v1/actions/noop-none/executions", body, headers=headers)


def _measure_many_at_a_time(contender: Contender, *, cluster: Tree, count: int = 300) -> None:
    from actions import executions  # noqa: PLC0415 - models can be imported once Django is set up
    from actions.actors import Actor  # noqa: PLC0415

    progress(f"ours: {count} actions that each wait one second for HTTP")
    port = installation.free_port()
    by = Actor(kind="system", id="bench", label="bench")
    with slow_server(port) as server, psycopg.connect(contender.url, autocommit=True) as watch:
        cluster.freeze()
        for _ in range(count):
            url = f"http://127.0.0.1:{port}/"
            executions.submit(action="wait-over-http", params={"url": url}, by=by)
        began = time.perf_counter()
        cluster.thaw()
        yardstick.wait_until_empty(contender, watch)
        emit("ours.http_actions.seconds", time.perf_counter() - began, unit="s", n=count)
        emit("ours.http_actions.at_once", server.most_held, unit="requests", n=count)


def _check_record(url: str) -> None:
    """Refuse figures of an engine that left out the record."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM actions_execution").fetchone()
        full = connection.execute(_HAS_FULL_RECORD).fetchone()
    if row != full:
        raise RuntimeError(f"Of {row} executions only {full} have one attempt and all events.")


if __name__ == "__main__":
    main()
