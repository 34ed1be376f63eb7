"""DBOS 3.4: a workflow that is a no-op, taken from a queue by two processes, tuned.

Tuned: a poll of 10 ms instead of 1 s, a share of the backlog for each process instead of all for
the first that looks, no telemetry, warnings only. Submitting goes through its client class.
Run as a module: `python -m benchmarks.peers.dbos_queue --database-url URL`.
"""

import os
import threading
from contextlib import ExitStack

from dbos import DBOS, DBOSClient, DBOSConfig

from benchmarks import yardstick
from benchmarks.figures import wait_for
from benchmarks.peers import noop
from benchmarks.processes import running

_PROCESSES = 2
_QUEUE = "noops"
_VERSION = "benchmark"
_POLL_SECONDS = float(os.environ.get("BENCH_DBOS_POLL", "0.01"))
_AT_A_TIME = int(os.environ.get("BENCH_DBOS_AT_A_TIME", "200"))


def _sqlalchemy_url(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _worker(url: str, number: int) -> None:
    config: DBOSConfig = {
        "name": "peer",
        "system_database_url": _sqlalchemy_url(url),
        "application_version": _VERSION,
        "executor_id": f"worker-{number}",
        "log_level": "WARNING",
    }
    DBOS(config=config)
    DBOS.workflow(name="noop")(noop.noop)
    DBOS.launch()
    DBOS.register_queue(
        _QUEUE,
        worker_concurrency=_AT_A_TIME,
        polling_interval_sec=_POLL_SECONDS,
        on_conflict="always_update",
    )
    threading.Event().wait()


def _client(url: str) -> DBOSClient:
    return DBOSClient(system_database_url=_sqlalchemy_url(url), application_name="peer")


def _has_started(url: str) -> bool:
    try:
        queue = _client(url).retrieve_queue(_QUEUE)
    except Exception:  # noqa: BLE001 - its schema does not exist yet, in whatever words it says so
        return False
    return queue is not None


def _measure(url: str, size: yardstick.Size) -> None:
    with ExitStack() as stack:
        workers = []
        for number in range(1, _PROCESSES + 1):
            command = ["-m", "benchmarks.peers.dbos_queue", "--database-url", url]
            command += ["--worker", str(number)]
            workers.append(stack.enter_context(running(command, env={})))
            wait_for(lambda: _has_started(url), what="DBOS to start", every=0.5)
        yardstick.measure(_contender(url), workers=workers, size=size)
        yardstick.measure_idle("dbos", {f"worker_{n}": tree for n, tree in enumerate(workers, 1)})


def _contender(url: str) -> yardstick.Contender:
    client = _client(url)

    def submit(number: int) -> str:
        options = {"queue_name": _QUEUE, "workflow_name": "noop", "app_version": _VERSION}
        return str(client.enqueue(options, number).get_workflow_id())

    return yardstick.Contender(
        name="dbos",
        url=url,
        submit=submit,
        is_done="SELECT 1 FROM dbos.workflow_status WHERE workflow_uuid = %s"
        " AND status = 'SUCCESS'",
        is_busy="SELECT 1 FROM dbos.workflow_status WHERE status <> 'SUCCESS' LIMIT 1",
    )


def main() -> None:
    """Measure DBOS, or be one of its worker processes."""
    asked = yardstick.parser().parse_args()
    if asked.worker:
        _worker(asked.database_url, asked.worker)
    else:
        _measure(asked.database_url, yardstick.size_of(asked))


if __name__ == "__main__":
    main()
