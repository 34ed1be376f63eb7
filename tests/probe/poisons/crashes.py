"""Deeds that end the worker's process, or multiply it."""

import ctypes
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from actions import Context

CHILDREN = 10
# Whatever becomes of a test, what it forks ends by itself.
CHILD_SECONDS = 90


def exits_with(code: int) -> Callable[[Context, str], None]:
    """End the process without a word."""
    return lambda _ctx, _note: os._exit(code)


def runs_out_of_memory(ctx: Context, note: str) -> None:
    """Allow the worker little more than it has, and ask for much more."""
    lower_memory_limit()
    bytearray(2 << 30)


def lower_memory_limit() -> None:
    """Leave the process room for 64 MB more."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + (64 << 20)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def forks_and_returns_twice(ctx: Context, note: str) -> str:
    """Return from the body in two processes."""
    child = os.fork()
    if child == 0:
        signal.alarm(CHILD_SECONDS)
        return "the child"
    keep_pids(note, [child])
    return "the parent"


def forks_many(ctx: Context, note: str) -> None:
    """Leave children behind that hold whatever the worker has open."""
    keep_pids(note, [forked() for _ in range(CHILDREN)])


def leaves_programs(ctx: Context, note: str) -> None:
    """Leave programs running."""
    keep_pids(note, [program() for _ in range(3)])


def leaves_programs_and_dies(ctx: Context, note: str) -> None:
    """Leave programs running and end the worker."""
    leaves_programs(ctx, note)
    os._exit(3)


def leaves_programs_and_hangs(ctx: Context, note: str) -> None:
    """Leave programs running and never return."""
    leaves_programs(ctx, note)
    sum(iter(int, 1))


def forked() -> int:
    """A child that sits there until its time is up."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.alarm(CHILD_SECONDS)
        while True:
            signal.pause()
    return child


def program() -> int:
    """A program that takes its time."""
    return subprocess.Popen(["sleep", str(CHILD_SECONDS)]).pid


def keep_pids(note: str, pids: list[int]) -> None:
    """Write down whom a test has to look for."""
    with Path(f"{note}.pids").open("a") as file:
        file.writelines(f"{pid}\n" for pid in pids)


POISONS = {
    "segfault": lambda _ctx, _note: ctypes.string_at(0),
    "sys.exit": lambda _ctx, _note: sys.exit(),
    "exit 3": exits_with(3),
    "exit 0": exits_with(0),
    "abort": lambda _ctx, _note: os.abort(),
    "kills itself": lambda _ctx, _note: os.kill(os.getpid(), signal.SIGKILL),
    "terminates itself": lambda _ctx, _note: os.kill(os.getpid(), signal.SIGTERM),
    "out of memory": runs_out_of_memory,
    "fork": forks_and_returns_twice,
    "many forks": forks_many,
    "programs left": leaves_programs,
    "programs left by the dead": leaves_programs_and_dies,
    "programs left by the hung": leaves_programs_and_hangs,
    "harmless": lambda _ctx, _note: None,
}
