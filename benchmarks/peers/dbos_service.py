"""DBOS 3.4 as a service of two worker processes, tuned.

Tuned: a poll of 10 ms instead of 1 s, a share of the backlog for each process instead of all for
the first that looks, no telemetry, warnings only. Submitting goes through its client class.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from dbos import DBOS, DBOSClient, DBOSConfig

from benchmarks.figures import wait_for
from benchmarks.processes import Tree, running

VERSION = "benchmark"
IS_DONE = "SELECT 1 FROM dbos.workflow_status WHERE workflow_uuid = %s AND status = 'SUCCESS'"
IS_BUSY = "SELECT 1 FROM dbos.workflow_status WHERE status <> 'SUCCESS' LIMIT 1"

_PROCESSES = 2
_POLL_SECONDS = float(os.environ.get("BENCH_DBOS_POLL", "0.01"))
_AT_A_TIME = int(os.environ.get("BENCH_DBOS_AT_A_TIME", "200"))


def client(url: str) -> DBOSClient:
    """Return the client that submits."""
    return DBOSClient(system_database_url=_sqlalchemy_url(url), application_name="peer")


def work(number: int, *, url: str, declare: Callable[[], None], queues: Sequence[str]) -> None:
    """Be one of the worker processes: declare the workflows and serve the queues, for ever."""
    config: DBOSConfig = {
        "name": "peer",
        "system_database_url": _sqlalchemy_url(url),
        "application_version": VERSION,
        "executor_id": f"worker-{number}",
        "log_level": "WARNING",
    }
    DBOS(config=config)
    declare()
    DBOS.launch()
    for queue in queues:
        DBOS.register_queue(
            queue,
            worker_concurrency=_AT_A_TIME,
            polling_interval_sec=_POLL_SECONDS,
            on_conflict="always_update",
        )
    threading.Event().wait()


@contextmanager
def workers(module: str, *, url: str, queue: str) -> Iterator[list[Tree]]:
    """Run the processes, each `python -m module --worker N`, until they have made the queue."""
    with ExitStack() as stack:
        started = []
        for number in range(1, _PROCESSES + 1):
            command = ["-m", module, "--database-url", url, "--worker", str(number)]
            started.append(stack.enter_context(running(command, env={})))
            wait_for(lambda: _has_started(url, queue), what="DBOS to start", every=0.5)
        yield started


def _sqlalchemy_url(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _has_started(url: str, queue: str) -> bool:
    try:
        found = client(url).retrieve_queue(queue)
    except Exception:  # noqa: BLE001 - its schema does not exist yet, in whatever words it says so
        return False
    return found is not None
