"""The measuring itself, by the same steps for everyone: chains, fan-outs with a join, a map.

A composer tells how to start a composition and which SQL says that one, or all, have ended.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from benchmarks.figures import emit, emit_latencies, progress, wait_for

_LOOK_EVERY_SECONDS = 0.0005


@dataclass(frozen=True, kw_only=True, slots=True)
class Composer:
    """How to talk to one system.

    `start` takes the name of a composition (chain, fan_100, fan_1000, map_10000) and returns the
    text id; `has_ended` is SQL over one id, `is_busy` returns a row while anything is left to do.
    """

    name: str
    url: str
    start: Callable[[str], str]
    has_ended: str
    is_busy: str


def parser() -> argparse.ArgumentParser:
    """Return what every composer understands on its command line."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--database-url", required=True)
    asked.add_argument("--quick", action="store_true")
    asked.add_argument("--worker", type=int, help="run as this worker instead of measuring")
    return asked


def measure(composer: Composer, *, is_quick: bool) -> None:
    """Print the figures of one composer, whose workers are running."""
    samples, chains = (20, 100) if is_quick else (200, 1000)
    with psycopg.connect(composer.url, autocommit=True) as watch:
        for _ in range(20):
            _seconds(composer, watch, "chain")
        progress(f"{composer.name}: {samples} chains one at a time")
        emit_latencies(
            f"{composer.name}.chain",
            [_seconds(composer, watch, "chain") for _ in range(samples)],
        )
        progress(f"{composer.name}: {chains} chains at once")
        emit(f"{composer.name}.chains", _rate(composer, watch, chains), unit="/s", n=chains)
        for shape, rounds in (("fan_100", 10), ("fan_1000", 3), ("map_10000", 1)):
            progress(f"{composer.name}: {shape}")
            taken = [_seconds(composer, watch, shape) for _ in range(1 if is_quick else rounds)]
            emit(f"{composer.name}.{shape}", statistics.median(taken), unit="s", n=len(taken))


def _seconds(composer: Composer, watch: psycopg.Connection, shape: str) -> float:
    began = time.perf_counter()
    identifier = composer.start(shape)
    while watch.execute(composer.has_ended, [identifier]).fetchone() is None:
        if time.perf_counter() - began > 300:
            raise TimeoutError(f"{composer.name} did not end {shape} within 300 s.")
        time.sleep(_LOOK_EVERY_SECONDS)
    return time.perf_counter() - began


def _rate(composer: Composer, watch: psycopg.Connection, count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        composer.start("chain")
    wait_for(
        lambda: watch.execute(composer.is_busy).fetchone() is None,
        what=f"{composer.name} to finish everything",
        every=0.02,
        at_most=300,
    )
    return count / (time.perf_counter() - began)
