"""DBOS: a workflow that is a no-op, taken from a queue by the processes of `dbos_service`.

Run as a module: `python -m benchmarks.peers.dbos_queue --database-url URL`.
"""

from dbos import DBOS

from benchmarks import yardstick
from benchmarks.peers import dbos_service, noop

_QUEUE = "noops"


def _declare() -> None:
    DBOS.workflow(name="noop")(noop.noop)


def _measure(url: str, size: yardstick.Size) -> None:
    with dbos_service.workers("benchmarks.peers.dbos_queue", url=url, queue=_QUEUE) as workers:
        yardstick.measure(_contender(url), workers=workers, size=size)
        yardstick.measure_idle("dbos", {f"worker_{n}": tree for n, tree in enumerate(workers, 1)})


def _contender(url: str) -> yardstick.Contender:
    client = dbos_service.client(url)

    def submit(number: int) -> str:
        options = {
            "queue_name": _QUEUE,
            "workflow_name": "noop",
            "app_version": dbos_service.VERSION,
        }
        return str(client.enqueue(options, number).get_workflow_id())

    return yardstick.Contender(
        name="dbos",
        url=url,
        submit=submit,
        is_done=dbos_service.IS_DONE,
        is_busy=dbos_service.IS_BUSY,
    )


def main() -> None:
    """Measure DBOS, or be one of its worker processes."""
    asked = yardstick.parser().parse_args()
    url = asked.database_url
    if asked.worker:
        dbos_service.work(asked.worker, url=url, declare=_declare, queues=[_QUEUE])
    else:
        _measure(url, yardstick.size_of(asked))


if __name__ == "__main__":
    main()
