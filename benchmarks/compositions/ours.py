"""This product: `python -m benchmarks.compositions.ours --database-url URL`."""

from typing import Any

from benchmarks.compositions import yardstick
from benchmarks.ours import installation

_NOOP: dict[str, Any] = {"action": "noop-none", "params": {"number": 1}}
_CHAIN = {
    "first": _NOOP,
    "second": _NOOP | {"after": ["first"]},
    "third": _NOOP | {"after": ["second"]},
}


def _fan(count: int) -> dict[str, Any]:
    branches = {f"b{number}": _NOOP for number in range(count)}
    return branches | {"join": _NOOP | {"after": list(branches)}}


_MAP = {
    "all": {
        "map": {
            "over": "params.list",
            "action": "noop-none",
            "params": {"number": "${{ item }}"},
        }
    },
    "join": _NOOP | {"after": ["all"]},
}
_SHAPES: dict[str, dict[str, Any]] = {
    "chain": _CHAIN,
    "fan_100": _fan(100),
    "fan_1000": _fan(1000),
    "map_10000": _MAP,
}


def main() -> None:
    """Make an installation on an empty database, and measure it."""
    asked = yardstick.parser().parse_args()
    with installation.installed(asked.database_url) as env, installation.workers(env):
        yardstick.measure(_composer(asked.database_url), is_quick=asked.quick)


def _composer(url: str) -> yardstick.Composer:
    # Models can be imported once Django is set up.
    from actions.actors import Actor  # noqa: PLC0415
    from workflows import definitions, runs  # noqa: PLC0415

    by = Actor(kind="system", id="bench", label="bench")
    versions = {}
    for shape, steps in _SHAPES.items():
        name = shape.replace("_", "-")
        definitions.create({"workflow": name, "steps": steps}, by=by)
        versions[shape] = definitions.publish(name, by=by).version
    params: dict[str, Any] = {"map_10000": {"list": list(range(10_000))}}

    def start(shape: str) -> str:
        made = runs.start(version=versions[shape], params=params.get(shape, {}), by=by)
        return str(made.id)

    return yardstick.Composer(
        name="ours",
        url=url,
        start=start,
        has_ended="SELECT 1 FROM workflows_run WHERE id = %s AND finished_at IS NOT NULL",
        is_busy="SELECT 1 FROM workflows_run WHERE finished_at IS NULL LIMIT 1",
    )


if __name__ == "__main__":
    main()
