"""How long it takes to validate a workflow of ten thousand steps: `python -m benchmarks.definitions`.

Prints seconds of the wall clock and of the processor, the least of several rounds: on a machine that
others use, the second tells more.
"""

import time
from collections.abc import Callable
from typing import Any

from actions import expressions
from actions.expressions import cel
from actions.jsontypes import JSONObject
from actions.states import Effect
from benchmarks.figures import emit, progress
from workflows.validation import KnownAction, Surroundings, validate

STEP_COUNT = 10_000
_ROUNDS = 5

_ACTION = KnownAction(
    name="noop",
    effect=Effect.NONE,
    is_repeatable=True,
    params_schema={
        "type": "object",
        "properties": {"count": {"type": "integer"}, "note": {"type": "string", "maxLength": 40}},
        "required": ["count"],
        "additionalProperties": False,
    },
    result_schema={
        "type": "object",
        "properties": {"count": {"type": "integer"}, "ok": {"type": "boolean"}},
        "required": ["count", "ok"],
        "additionalProperties": False,
    },
)
_SURROUNDINGS = Surroundings(actions={"noop": _ACTION})


def main() -> None:
    """Measure documents of several shapes."""
    shapes: dict[str, Callable[[int], dict[str, Any]]] = {
        "chain": _link,
        "chain_with_conditions": lambda number: _link(number) | _condition(number),
        "chain_with_unlike_expressions": lambda number: _link(number) | _unlike(number),
        "fan_in": _spoke,
        "all_wrong": lambda number: _link(number) | {"action": f"nobody-{number}", "whn": "true"},
    }
    for name, step in shapes.items():
        _measure(name, {f"s{number}": step(number) for number in range(STEP_COUNT)})


def _measure(name: str, steps: dict[str, Any]) -> None:
    progress(f"{name}: {STEP_COUNT} steps")
    document: JSONObject = {"workflow": "large", "steps": steps}
    wall, processor = [], []
    for _ in range(_ROUNDS):
        expressions.check.cache_clear()
        cel.compiled.cache_clear()
        began, begun = time.perf_counter(), time.process_time()
        validate(document, _SURROUNDINGS)
        wall.append(time.perf_counter() - began)
        processor.append(time.process_time() - begun)
    emit(f"validate.{name}.wall", min(wall), unit="s", n=STEP_COUNT)
    emit(f"validate.{name}.processor", min(processor), unit="s", n=STEP_COUNT)


def _link(number: int) -> dict[str, Any]:
    """A step that comes after the one before it and uses its result."""
    before = number - 1
    count = f"${{{{ steps.s{before}.result.count }}}}" if number else 0
    params = {"count": count, "note": f"step {number}"}
    return {"action": "noop", "params": params, "after": [f"s{before}"] if number else []}


def _condition(number: int) -> dict[str, Any]:
    return {"when": f"steps.s{number - 1}.result.count > {number}"} if number else {}


def _unlike(number: int) -> dict[str, Any]:
    """A condition that has no like, so that the library is asked about each."""
    return {"when": f"params.p{number} > 1"}


def _spoke(number: int) -> dict[str, Any]:
    """One of many that the last step waits for."""
    waits = [f"s{one}" for one in range(number)] if number == STEP_COUNT - 1 else []
    return {"action": "noop", "params": {"count": number}, "after": waits}


if __name__ == "__main__":
    main()
