"""DBOS, as in `benchmarks.peers.dbos_service`: chains of steps, fan-outs of sub-workflows.

Run as a module: `python -m benchmarks.compositions.dbos --database-url URL`.
"""

from typing import Any

from dbos import DBOS

from benchmarks.compositions import yardstick
from benchmarks.peers import dbos_service

_TOP, _BELOW = "compositions", "elements"
_COUNTS = {"fan_100": 100, "fan_1000": 1000, "map_10000": 10_000}


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


def _composer(url: str) -> yardstick.Composer:
    client = dbos_service.client(url)

    def start(shape: str) -> str:
        name = "chain" if shape == "chain" else "fan"
        options = {"queue_name": _TOP, "workflow_name": name, "app_version": dbos_service.VERSION}
        return str(client.enqueue(options, _COUNTS.get(shape, 1)).get_workflow_id())

    return yardstick.Composer(
        name="dbos",
        url=url,
        start=start,
        has_ended=dbos_service.IS_DONE,
        is_busy=dbos_service.IS_BUSY,
    )


def main() -> None:
    """Measure DBOS, or be one of its worker processes."""
    asked = yardstick.parser().parse_args()
    url = asked.database_url
    if asked.worker:
        dbos_service.work(asked.worker, url=url, declare=_declare, queues=[_TOP, _BELOW])
        return
    with dbos_service.workers("benchmarks.compositions.dbos", url=url, queue=_BELOW):
        yardstick.measure(_composer(url), is_quick=asked.quick)


if __name__ == "__main__":
    main()
