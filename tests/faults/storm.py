"""Minutes of everything at once: `python -m tests.faults.storm --minutes 10 --seed 1`.

Submissions of every effect go on while workers are killed, told to stop and made to stand still,
and PostgreSQL is restarted under them. In the end all is counted.
"""

import argparse
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil
from django.db import DatabaseError, InterfaceError, connection

from tests.fixtures import installation

WORKERS_PER_CLUSTER = 2
CLUSTERS = 2
PER_SECOND = 30.0
CALLERS = 3
# So long that a blow finds somebody between an effect and its settlement.
BODY_SECONDS = 0.06
STRIKE_EVERY = (0.5, 3.0)
RESTART_EVERY = (20.0, 40.0)
# The lease of the tests is two seconds: some of those who stand still outlive it.
STAND_STILL = (0.2, 4.0)
RECOVERY_SECONDS = 60
QUIESCENCE_SECONDS = 180


@dataclass
class Figures:
    """What happened, as the storm tells it in the end."""

    seed: int
    seconds: float = 0
    submitted: int = 0
    retried: int = 0
    strikes: dict[str, int] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)
    attempts_lost: int = 0
    late_results_refused: int = 0
    unknown_outcomes: int = 0
    crash_loops: int = 0
    recovery_p50: float = 0
    recovery_max: float = 0

    def text(self) -> str:
        return "\n".join(f"{name:>22} {shown}" for name, shown in asdict(self).items())


class Storm:
    """One storm over one PostgreSQL of its own."""

    def __init__(self, own, account, *, seed: int, begin) -> None:
        self.own, self.account = own, account
        self.chance = random.Random(seed)  # noqa: S311 - chance to be repeated, no secret
        self.figures = Figures(seed=seed)
        self._begin, self._clusters = begin, []
        self._still: list[tuple[float, psutil.Process]] = []
        self._recoveries: list[float] = []

    def rage(self, seconds: float) -> None:
        """Strike until the time is up; the callers go on all the while."""
        began = now = time.monotonic()
        strike_at, restart_at = now + 3, now + self.chance.uniform(*RESTART_EVERY) / 2
        while (now := time.monotonic()) < began + seconds:
            self._keep_clusters()
            self._wake(now)
            if now >= restart_at:
                self._restart()
                restart_at = time.monotonic() + self.chance.uniform(*RESTART_EVERY)
            elif now >= strike_at:
                self._strike()
                strike_at = now + self.chance.uniform(*STRIKE_EVERY)
            threading.Event().wait(0.1)
        self.figures.seconds = round(time.monotonic() - began, 1)

    def calm(self) -> None:
        """Let everybody go on in peace."""
        self._wake(float("inf"))
        self._keep_clusters()

    def reckon(self) -> Figures:
        """Wait for the end of everything, check every promise and count."""
        from actions.models import Attempt, Execution, ExecutionEvent

        looped = self.account.check(timeout=QUIESCENCE_SECONDS)
        figures, recoveries = self.figures, self._recoveries or [0.0]
        figures.submitted = len(self.account.told)
        figures.retried = self.account.retried_count
        figures.attempts_lost = Attempt.objects.filter(outcome="lost").count()
        refused = ExecutionEvent.objects.filter(type="stale_result_refused")
        figures.late_results_refused = refused.count()
        figures.unknown_outcomes = Execution.objects.filter(error__outcome="unknown").count()
        figures.crash_loops = len(looped)
        figures.recovery_p50 = round(statistics.median(recoveries), 2)
        figures.recovery_max = round(max(recoveries), 2)
        return figures

    def _keep_clusters(self) -> None:
        """What a supervisor of the machine does: start again what has ended."""
        self._clusters = [one for one in self._clusters if one.popen.poll() is None]
        while len(self._clusters) < CLUSTERS:
            self._clusters.append(self._begin())

    def _strike(self) -> None:
        victims = [child for one in self._clusters for child in one.children()]
        if not victims:
            return
        victim = self.chance.choice(victims)
        blow = self.chance.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
        with suppress(psutil.NoSuchProcess):
            victim.send_signal(blow)
            self._count(self.figures.strikes, blow.name)
            if blow == signal.SIGSTOP:
                until = time.monotonic() + self.chance.uniform(*STAND_STILL)
                self._still.append((until, victim))

    def _wake(self, now: float) -> None:
        for until, victim in list(self._still):
            if until <= now:
                self._still.remove((until, victim))
                with suppress(psutil.NoSuchProcess):
                    victim.send_signal(signal.SIGCONT)

    def _restart(self) -> None:
        mode = self.chance.choice(["fast", "immediate"])
        self.own.restart(mode, down_seconds=self.chance.choice([0, 0, 1, 3]))
        self._count(self.figures.restarts, mode)
        self._recoveries.append(self._seconds_to_the_next_end())

    def _seconds_to_the_next_end(self) -> float:
        """From the first answer of the database until something that was begun since has ended."""
        from actions.models import Attempt

        began = time.monotonic()
        floor = self._asked(lambda: Attempt.objects.order_by("-started_at").first())
        after = floor.started_at if floor else None
        ended = Attempt.objects.filter(outcome="succeeded")
        ended = ended.filter(started_at__gt=after) if after else ended
        while not self._asked(ended.exists):
            self._wake(time.monotonic())
            self._keep_clusters()
            assert time.monotonic() < began + RECOVERY_SECONDS, "no work after a restart"
            threading.Event().wait(0.02)
        return time.monotonic() - began

    def _asked(self, question):
        with suppress(DatabaseError, InterfaceError):
            return question()
        connection.close()
        return None

    @staticmethod
    def _count(kinds: dict[str, int], kind: str) -> None:
        kinds[kind] = kinds.get(kind, 0) + 1


def storm(directory: Path, own, *, seconds: float, seed: int) -> Figures:
    """Run a storm on a cluster that Django points to; raises AssertionError if a count is wrong."""
    from actions import definitions
    from tests.faults.accounts import Account, Submitter
    from tests.fixtures.running import starting

    definitions.sync()
    account = Account(ledger=directory / "ledger", seconds=BODY_SECONDS)
    callers = [
        Submitter(account, per_second=PER_SECOND / CALLERS, name=f"caller-{number}")
        for number in range(CALLERS)
    ]
    env = {"ACTIONSITE_ROLE": "worker", "ACTIONSITE_WORKERS": str(WORKERS_PER_CLUSTER)}
    with starting(directory) as start:
        raging = Storm(
            own, account, seed=seed, begin=lambda: start("manage.py", "qcluster", env=env)
        )
        for caller in callers:
            caller.start()
        try:
            raging.rage(seconds)
            raging.calm()
            for caller in callers:
                caller.finish()
            return raging.reckon()
        except BaseException:
            tell_ends(directory)
            raise
        finally:
            for caller in callers:
                caller.give_up()


def tell_ends(directory: Path) -> None:
    """The last lines of every process, for whoever reads why a storm went wrong."""
    for output in sorted(directory.glob("output-*.txt")):
        lines = output.read_text(errors="replace").splitlines()[-30:]
        sys.stdout.write("\n".join([f"--- {output.name}", *lines, ""]))


@contextmanager
def alone():
    """An installation and a cluster for a storm that no test session surrounds."""
    installation.begin()
    from tests.fixtures.clusters import running_cluster

    place = tempfile.TemporaryDirectory(dir=installation.data_dir(), ignore_cleanup_errors=True)
    with place as directory, running_cluster(Path(directory)) as own:
        yield Path(directory), own


def main(arguments: list[str]) -> int:
    """Print the seed first, so that a storm that goes wrong can be had again, then the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    wish = parser.parse_args(arguments)
    sys.stdout.write(f"seed {wish.seed}\n")
    sys.stdout.flush()
    with alone() as (directory, own):
        figures = storm(directory, own, seconds=wish.minutes * 60, seed=wish.seed)
    sys.stdout.write(f"{figures.text()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
