"""DBOS 3.4, tuned as in `benchmarks.peers.dbos_queue`: chains of steps, fan-outs of sub-workflows.

Run as a module: `python -m benchmarks.compositions.dbos --database-url URL`.
"""

import threading
from contextlib import ExitStack
from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig

from benchmarks.compositions import yardstick
from benchmarks.figures import wait_for
from benchmarks.processes import running

_PROCESSES = 2
_POLL_SECONDS = 0.01
_AT_A_TIME = 200
_VERSION = "benchmark"
_TOP, _BELOW = "compositions", "elements"
_COUNTS = {"fan_100": 100, "fan_1000": 1000, "map_10000": 10_000}


def _sqlalchemy_url(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _value(value: int) -> int:
    return value


def _declare() -> None:
    noop = DBOS.step(name="noop")(_value)

    def below(value: int) -> Any:
        return noop(value)

    element = DBOS.workflow(name="element")(below)

    def chain(value: int) -> Any:
        return noop(noop(noop(value)))

    def fan(count: int) -> Any:
        begun = [DBOS.enqueue_workflow(_BELOW, element, number) for number in range(count)]
        return noop(sum(one.get_result() for one in begun))

    DBOS.workflow(name="chain")(chain)
    DBOS.workflow(name="fan")(fan)


def _worker(url: str, number: int) -> None:
    config: DBOSConfig = {
        "name": "peer",
        "system_database_url": _sqlalchemy_url(url),
        "application_version": _VERSION,
        "executor_id": f"worker-{number}",
        "log_level": "WARNING",
    }
    DBOS(config=config)

    _declare()
    DBOS.launch()
    for queue in (_TOP, _BELOW):
        DBOS.register_queue(
            queue,
            worker_concurrency=_AT_A_TIME,
            polling_interval_sec=_POLL_SECONDS,
            on_conflict="always_update",
        )
    threading.Event().wait()


def _client(url: str) -> DBOSClient:
    return DBOSClient(system_database_url=_sqlalchemy_url(url), application_name="peer")


def _composer(url: str) -> yardstick.Composer:
    client = _client(url)

    def start(shape: str) -> str:
        name = "chain" if shape == "chain" else "fan"
        options = {"queue_name": _TOP, "workflow_name": name, "app_version": _VERSION}
        return str(client.enqueue(options, _COUNTS.get(shape, 1)).get_workflow_id())

    return yardstick.Composer(
        name="dbos",
        url=url,
        start=start,
        has_ended="SELECT 1 FROM dbos.workflow_status WHERE workflow_uuid = %s"
        " AND status = 'SUCCESS'",
        is_busy="SELECT 1 FROM dbos.workflow_status WHERE status <> 'SUCCESS' LIMIT 1",
    )


def _has_started(url: str) -> bool:
    try:
        queue = _client(url).retrieve_queue(_BELOW)
    except Exception:  # noqa: BLE001 - its schema does not exist yet, in whatever words it says so
        return False
    return queue is not None


def main() -> None:
    """Measure DBOS, or be one of its worker processes."""
    asked = yardstick.parser().parse_args()
    if asked.worker:
        _worker(asked.database_url, asked.worker)
        return
    with ExitStack() as stack:
        for number in range(1, _PROCESSES + 1):
            command = ["-m", "benchmarks.compositions.dbos", "--database-url", asked.database_url]
            stack.enter_context(running([*command, "--worker", str(number)], env={}))
            wait_for(lambda: _has_started(asked.database_url), what="DBOS to start", every=0.5)
        yardstick.measure(_composer(asked.database_url), is_quick=asked.quick)


if __name__ == "__main__":
    main()
