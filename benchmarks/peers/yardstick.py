"""The measuring of a peer: submit, drain and latency, by the same steps for each of them.

A peer tells how to submit one no-op and which SQL says that one, or all, are done; the waiting is
the same polling of PostgreSQL for all, so no client library's own poll interval is measured.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg

from benchmarks.figures import emit, emit_latencies, progress, wait_for
from benchmarks.processes import Tree, cpu_percent

_IDLE_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """How to talk to one system.

    `submit` takes a number and returns the text id; `is_done` is SQL over one id; `is_busy` is SQL
    that returns a row while anything is left to do.
    """

    name: str
    url: str
    submit: Callable[[int], str]
    is_done: str
    is_busy: str


def arguments() -> argparse.Namespace:
    """Read what every peer is told on its command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--worker", type=int, help="run as this worker instead of measuring")
    return parser.parse_args()


def measure(peer: Peer, *, workers: Sequence[Tree], count: int, samples: int) -> None:
    """Print the peer's submit/s, drain/s, latencies and idle CPU, with its workers running."""
    with psycopg.connect(peer.url, autocommit=True) as connection:
        progress(f"{peer.name}: warming up")
        _run(peer, connection, count=100)
        progress(f"{peer.name}: {samples} one at a time")
        latencies = [_latency(peer, connection, number) for number in range(samples)]
        emit_latencies(f"{peer.name}.latency", latencies)
        progress(f"{peer.name}: idle for {_IDLE_SECONDS:.0f} s")
        idle = cpu_percent(workers, seconds=_IDLE_SECONDS)
        emit(f"{peer.name}.idle_cpu", idle, unit="% of a core", n=len(workers))
        progress(f"{peer.name}: draining {count}")
        _drain(peer, connection, workers=workers, count=count)


def _run(peer: Peer, connection: psycopg.Connection, *, count: int) -> None:
    for number in range(count):
        peer.submit(number)
    _wait_until_empty(peer, connection)


def _latency(peer: Peer, connection: psycopg.Connection, number: int) -> float:
    began = time.perf_counter()
    identifier = peer.submit(number)
    while connection.execute(peer.is_done, [identifier]).fetchone() is None:
        time.sleep(0.0005)
    return time.perf_counter() - began


def _drain(
    peer: Peer, connection: psycopg.Connection, *, workers: Sequence[Tree], count: int
) -> None:
    for worker in workers:
        worker.freeze()
    began = time.perf_counter()
    for number in range(count):
        peer.submit(number)
    emit(f"{peer.name}.submit", count / (time.perf_counter() - began), unit="/s", n=count)
    began = time.perf_counter()
    for worker in workers:
        worker.thaw()
    _wait_until_empty(peer, connection)
    emit(f"{peer.name}.drain", count / (time.perf_counter() - began), unit="/s", n=count)


def _wait_until_empty(peer: Peer, connection: psycopg.Connection) -> None:
    wait_for(
        lambda: connection.execute(peer.is_busy).fetchone() is None,
        what=f"{peer.name} to finish everything",
        every=0.02,
        at_most=300,
    )
