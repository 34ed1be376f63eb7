"""Worker processes under measurement: start, freeze, thaw, their CPU time, and a sure end.

A drain is measured with warm workers: they are frozen (SIGSTOP, the whole tree) while the queue
is filled, and the clock starts when they are thawed. So neither their start-up nor the submitter
is part of the figure, for us and for the peers alike.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
_STOP_SECONDS = 20


class Tree:
    """One started command and every process below it."""

    def __init__(self, started: "subprocess.Popen[bytes]") -> None:
        self._started = started
        self._root = psutil.Process(started.pid)

    def members(self) -> list[psutil.Process]:
        """Return the living processes, the first one at the head."""
        return [self._root, *self._root.children(recursive=True)]

    def freeze(self) -> None:
        """Stop every member where it is, parents first, so that none restarts a child."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let every member go on."""
        self._signal(signal.SIGCONT)

    def cpu_seconds(self) -> float:
        """Return the user and system time that the members have used so far."""
        times = [member.cpu_times() for member in self.members()]
        return float(sum(spent.user + spent.system for spent in times))

    def exit_code(self) -> int | None:
        """Return the exit code of the first process, or None while it runs."""
        return self._started.poll()

    def stop(self) -> None:
        """End it politely, then by force; nothing of the tree is left."""
        members = self.members() if self.exit_code() is None else []
        self._started.terminate()
        try:
            self._started.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._started.kill()
        for member in members:
            if member.is_running():
                member.kill()

    def _signal(self, number: int) -> None:
        for member in self.members():
            member.send_signal(number)


@contextmanager
def running(arguments: Sequence[str], *, env: Mapping[str, str]) -> Iterator[Tree]:
    """Run `python <arguments>` from the repository's root; its output goes to our stderr."""
    started = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        stdout=sys.stderr.fileno(),
        stderr=sys.stderr.fileno(),
    )
    tree = Tree(started)
    try:
        yield tree
    finally:
        tree.stop()


def cpu_percents(trees: Sequence[Tree], *, seconds: float) -> list[float]:
    """Return the CPU that each tree uses over `seconds`, in percent of one core."""
    before = [tree.cpu_seconds() for tree in trees]
    began = time.perf_counter()
    time.sleep(seconds)
    took = time.perf_counter() - began
    used = zip(before, (tree.cpu_seconds() for tree in trees), strict=True)
    return [100 * (after - earlier) / took for earlier, after in used]
