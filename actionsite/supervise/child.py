"""One process that `up` keeps alive, and how patient it is with it. Floor: the site."""

import os
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from actionsite.supervise.parent import die_with_parent

DEATHS_MAX = 5
DEATHS_WITHIN_SECONDS = 60.0
BACKOFF_FIRST_SECONDS = 0.25
BACKOFF_MAX_SECONDS = 10.0

Spawn = Callable[[], "subprocess.Popen[bytes]"]


@dataclass(kw_only=True, slots=True)
class Child:
    """A process under supervision. Times are of a monotonic clock, in seconds."""

    name: str
    spawn: Spawn
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    # Is started when the others are ready, and leaves them the processor until then.
    starts_late: bool = False
    # Runs to its end once and is not started again.
    runs_once: bool = False
    popen: "subprocess.Popen[bytes] | None" = None
    restart_at: float = 0.0
    deaths: deque[float] = field(default_factory=deque)

    @property
    def is_running(self) -> bool:
        """Has it been started, and has it not ended?"""
        return self.popen is not None and self.popen.poll() is None

    @property
    def is_hopeless(self) -> bool:
        """Has it died too often within a minute to try again?"""
        return len(self.deaths) > DEATHS_MAX

    def start(self) -> None:
        """Start it, unless it runs."""
        if not self.is_running:
            self.popen = self.spawn()

    def bury(self, now: float) -> str | None:
        """If it has died since the last look: plan its restart and say how it ended."""
        if self.popen is None or self.popen.poll() is None:
            return None
        ending = ending_of(self.popen.returncode)
        is_done = self.runs_once and self.popen.returncode == 0
        self.popen = None
        if is_done:
            return None
        self.deaths.append(now)
        while self.deaths and self.deaths[0] < now - DEATHS_WITHIN_SECONDS:
            self.deaths.popleft()
        backoff = BACKOFF_FIRST_SECONDS * 2 ** (len(self.deaths) - 1)
        self.restart_at = now + min(backoff, BACKOFF_MAX_SECONDS)
        return ending

    def ask_to_stop(self) -> None:
        """Send the signal it understands as: finish and leave."""
        if self.is_running and self.popen is not None:
            self.popen.send_signal(self.stop_signal)

    def kill(self) -> None:
        """End it and all processes of its session now."""
        if self.popen is None:
            return
        try:
            os.killpg(self.popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.popen.wait()

    def last_words(self, *, lines: int = 12) -> str:
        """The end of its log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def program(
    command: Sequence[str],
    *,
    name: str,
    environment: Mapping[str, str],
    log: Path,
    starts_late: bool = False,
    runs_once: bool = False,
) -> Child:
    """A child that runs `command` in a session of its own, its output in `log`."""

    def spawn() -> "subprocess.Popen[bytes]":
        with log.open("ab") as output:
            return subprocess.Popen(  # noqa: S603 - our own commands
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                # `up` starts no threads, which is what makes this safe.
                preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509
            )

    return Child(name=name, spawn=spawn, log=log, starts_late=starts_late, runs_once=runs_once)


def ending_of(status: int) -> str:
    """How a process ended, in words."""
    if status >= 0:
        return f"ended with status {status}"
    return f"was ended by {signal.Signals(-status).name}"
