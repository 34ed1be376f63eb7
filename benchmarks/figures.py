"""A figure, and how it is printed: one JSON line on stdout that a script can collect.

Progress goes to stderr, so that `benchmarks/engine.py > figures.jsonl` holds figures only.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One measured number; `n` is how many samples or rows it was measured over."""

    name: str
    value: float
    unit: str
    n: int


def emit(name: str, value: float, *, unit: str, n: int) -> Figure:
    """Print one figure as a JSON line on stdout, rounded to what such a measurement can tell."""
    figure = Figure(name=name, value=_rounded(value), unit=unit, n=n)
    sys.stdout.write(json.dumps(asdict(figure)) + "\n")
    sys.stdout.flush()
    return figure


def emit_latencies(name: str, seconds: Sequence[float]) -> None:
    """Print the p50, p95 and p99 of some durations (in seconds), in milliseconds."""
    for share in (50, 95, 99):
        value = percentile(seconds, share) * 1000
        emit(f"{name}_p{share}", value, unit="ms", n=len(seconds))


def percentile(values: Sequence[float], share: int) -> float:
    """Return the smallest value that at least `share` percent of the values do not exceed."""
    ordered = sorted(values)
    rank = -(-len(ordered) * share // 100)
    return ordered[max(rank, 1) - 1]


def progress(text: str) -> None:
    """Tell the person who waits what is being measured (stderr)."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()


def timed(call: Callable[[], object]) -> float:
    """Return how many seconds one call took."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def wait_for(met: Callable[[], bool], *, what: str, every: float, at_most: float = 120) -> None:
    """Poll `met` every `every` seconds until it is true.

    Raises TimeoutError, naming `what` was awaited, after `at_most` seconds: a benchmark that
    hangs would be worse than one that fails.
    """
    deadline = time.monotonic() + at_most
    while not met():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {at_most:.0f} s for {what}; see the output above for why.")
        time.sleep(every)


def _rounded(value: float) -> float:
    return round(value, 1) if abs(value) >= 100 else float(f"{value:.3g}")
