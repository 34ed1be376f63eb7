"""The measuring itself: submit, latency, idle cost and drain, by the same steps for everyone.

A contender tells how to submit one no-op and which SQL says that one, or all, are done. The
waiting is the same polling of PostgreSQL for all, so that no client's own poll is measured.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import psycopg

from benchmarks.figures import emit, emit_latencies, progress, wait_for
from benchmarks.processes import Tree, cpu_percents

_IDLE_SECONDS = 10.0
_LOOK_EVERY_SECONDS = 0.0005


@dataclass(frozen=True, kw_only=True, slots=True)
class Contender:
    """How to talk to one system.

    `submit` takes a number and returns the text id; `is_done` is SQL over one id; `is_busy` is SQL
    that returns a row while anything is left to do.
    """

    name: str
    url: str
    submit: Callable[[int], str]
    is_done: str
    is_busy: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How much is measured: no-ops in a drain, how often it is drained, single ones timed."""

    count: int
    rounds: int
    samples: int


def parser() -> argparse.ArgumentParser:
    """Return what every contender understands on its command line."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--database-url", required=True)
    asked.add_argument("--count", type=int, default=2000)
    asked.add_argument("--rounds", type=int, default=1)
    asked.add_argument("--samples", type=int, default=200)
    asked.add_argument("--worker", type=int, help="run as this worker instead of measuring")
    return asked


def size_of(asked: argparse.Namespace) -> Size:
    """Return the size that the command line asks for."""
    return Size(count=asked.count, rounds=asked.rounds, samples=asked.samples)


def measure(*contenders: Contender, workers: Sequence[Tree], size: Size) -> None:
    """Print latency, submit/s and drain/s of contenders whose workers are running.

    Every latency is taken before the first drain, after which the database has tables to vacuum.
    """
    for contender in contenders:
        with psycopg.connect(contender.url, autocommit=True) as watch:
            _warm_up(contender, watch)
            progress(f"{contender.name}: {size.samples} one at a time")
            latencies = [_latency(contender, watch, number) for number in range(size.samples)]
            emit_latencies(f"{contender.name}.latency", latencies)
    for contender in contenders:
        with psycopg.connect(contender.url, autocommit=True) as watch:
            _measure_drain(contender, watch, workers=workers, size=size)


def measure_idle(name: str, trees: Mapping[str, Tree]) -> None:
    """Print what the processes cost while there is nothing to do, together and each by name."""
    progress(f"{name}: idle for {_IDLE_SECONDS:.0f} s")
    percents = cpu_percents(list(trees.values()), seconds=_IDLE_SECONDS)
    unit, count = "% of one core", sum(len(tree.members()) for tree in trees.values())
    emit(f"{name}.idle_cpu", sum(percents), unit=unit, n=count)
    for part, percent in zip(trees, percents, strict=True):
        if len(trees) > 1:
            emit(f"{name}.idle_cpu.{part}", percent, unit=unit, n=len(trees[part].members()))


def wait_until_empty(contender: Contender, watch: psycopg.Connection) -> None:
    """Return once the contender has nothing left to do."""
    wait_for(
        lambda: watch.execute(contender.is_busy).fetchone() is None,
        what=f"{contender.name} to finish everything",
        every=0.02,
        at_most=300,
    )


def _warm_up(contender: Contender, watch: psycopg.Connection) -> None:
    progress(f"{contender.name}: warming up")
    for number in range(200):
        contender.submit(number)
    wait_until_empty(contender, watch)


def _latency(contender: Contender, watch: psycopg.Connection, number: int) -> float:
    began = time.perf_counter()
    identifier = contender.submit(number)
    while watch.execute(contender.is_done, [identifier]).fetchone() is None:
        time.sleep(_LOOK_EVERY_SECONDS)
    return time.perf_counter() - began


def _measure_drain(
    contender: Contender, watch: psycopg.Connection, *, workers: Sequence[Tree], size: Size
) -> None:
    rates: dict[str, list[float]] = {"submit": [], "drain": []}
    for turn in range(size.rounds):
        progress(f"{contender.name}: draining {size.count}, {turn + 1} of {size.rounds}")
        filling, draining = _drain(contender, watch, workers=workers, count=size.count)
        rates["submit"].append(size.count / filling)
        rates["drain"].append(size.count / draining)
    for name, measured in rates.items():
        total = size.count * size.rounds
        emit(f"{contender.name}.{name}", statistics.median(measured), unit="/s", n=total)


def _drain(
    contender: Contender, watch: psycopg.Connection, *, workers: Sequence[Tree], count: int
) -> tuple[float, float]:
    for worker in workers:
        worker.freeze()
    began = time.perf_counter()
    for number in range(count):
        contender.submit(number)
    filled = time.perf_counter()
    for worker in workers:
        worker.thaw()
    wait_until_empty(contender, watch)
    return filled - began, time.perf_counter() - filled
