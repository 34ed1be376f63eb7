"""Where poison is given to a cluster of one worker, with neighbours before, beside and after it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from actions import executions
from actions.models import Attempt, Execution
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER
from tests.fixtures.running import Running
from tests.fixtures.waiting import wait_until
from tests.probe.models import Mark

NEIGHBOURS = ("probe-mark", "probe-mark-outside", "probe-mark-beside")
# As ACTIONSITE_STOP_GRACE_SECONDS of the tests, and a little for the machine.
STOP_SECONDS = 5 + 2
SETTINGS = {"ACTIONSITE_TIMEOUT_GRACE_SECONDS": "1", "ACTIONSITE_CANCEL_GRACE_SECONDS": "1"}


@dataclass(kw_only=True)
class Ward:
    """Gives poison and looks after everybody else."""

    qcluster: Callable[..., Running]
    directory: Path
    env: Mapping[str, str] = field(default_factory=lambda: SETTINGS)
    neighbours: list[Execution] = field(default_factory=list)
    cluster: Running | None = None
    # Whose bodies can have been under way when a body in the other lane ended the worker.
    may_pay: tuple[str, ...] = ("probe-mark-beside",)

    def open(self, *, workers: int = 1) -> None:
        """Start the cluster, if it is not running."""
        if self.cluster is None:
            self.cluster = self.qcluster(workers=workers, env=self.env)

    def close(self) -> None:
        """Stop the cluster, which must leave in time and take everything with it."""
        processes = self.cluster.children()
        asked_at = time.monotonic()
        assert self.cluster.stop() == 0, self.cluster.text()
        took = time.monotonic() - asked_at
        assert took < STOP_SECONDS, f"{took} s"
        left = [one for one in processes if psutil.pid_exists(one.pid) and one.is_running()]
        assert left == [], left

    def submit(self, action: str, **params: object) -> Execution:
        """Submit one execution."""
        return executions.submit(action=action, params=params, by=TESTER).execution

    def give(self, poison: str, *, to: str) -> Execution:
        """Submit a poison of that name to an action."""
        return self.submit(to, poison=poison, note=str(self.directory / "poison"))

    def surround(self, actions: tuple[str, ...] = NEIGHBOURS) -> None:
        """Submit neighbours of these kinds."""
        for action in actions:
            name = f"neighbour {len(self.neighbours)}"
            self.neighbours.append(self.submit(action, name=name))

    def treat(
        self,
        poison: str,
        *,
        to: str,
        among: tuple[str, ...] = NEIGHBOURS,
        timeout: float = 20,
    ) -> Execution:
        """Give a poison to a fresh cluster among neighbours; return it once it has ended."""
        self.surround(among)
        patient = self.give(poison, to=to)
        self.surround(among)
        self.open()
        return self.end_of(patient, timeout=timeout)

    def end_of(self, execution: Execution, *, timeout: float = 20) -> Execution:
        """The execution, once it has ended."""
        what = f"the end of {execution.action_name}"
        wait_until(lambda: is_over(execution), timeout=timeout, what=what)
        return execution

    @property
    def starts(self) -> int:
        """How many bodies of the poison have begun."""
        file = self.directory / "poison.starts"
        return len(file.read_text().splitlines()) if file.exists() else 0

    def pids(self) -> list[int]:
        """The processes that the poison left behind."""
        return [int(line) for line in (self.directory / "poison.pids").read_text().splitlines()]

    def check_health(self) -> None:
        """All others are unharmed, what comes next is too, and the cluster stops as it should."""
        clean = [self.submit(action, name=f"clean {action}") for action in NEIGHBOURS]
        for one in [*self.neighbours, *clean]:
            self.end_of(one)
        harmed = [story(one) for one in [*self.neighbours, *clean] if one.status != "succeeded"]
        assert not harmed, harmed
        self.check_marks([*self.neighbours, *clean])
        self.check_charges(clean)
        self.close()
        broken = broken_promises()
        assert broken == [], broken

    def check_marks(self, executed: list[Execution]) -> None:
        """Each of these has had its effect once."""
        names = [one.params["name"] for one in executed]
        found = Mark.objects.filter(name__in=names).values_list("name", flat=True)
        assert sorted(found) == sorted(names), sorted(found)

    def check_charges(self, clean: list[Execution]) -> None:
        """Nobody has paid for an attempt that was not theirs."""
        alone = [one for one in self.neighbours if one.action_name not in self.may_pay]
        charged = [story(one) for one in [*alone, *clean] if one.attempt_count != 1]
        assert not charged, charged


def is_over(execution: Execution) -> bool:
    """Whether the execution has ended, as its row says now."""
    execution.refresh_from_db()
    return execution.is_terminal


def story(execution: Execution) -> str:
    """What became of an execution, for somebody who reads why a test failed."""
    name = execution.params.get("name", "")
    code = execution.error_code or execution.status
    return f"{execution.action_name} {name}: {code} after {outcomes(execution)}"


def outcomes(execution: Execution) -> list[str]:
    """How its attempts ended, in order."""
    attempts = Attempt.objects.filter(execution=execution).order_by("number")
    return list(attempts.values_list("outcome", flat=True))


def check_error(execution: Execution, code: str, *, attempts: int) -> None:
    """It failed with that code after so many attempts, and says so in words."""
    error = execution.error or {}
    found = (execution.status, execution.error_code, execution.attempt_count)
    assert found == ("failed", code, attempts), error
    assert error["code"] == code
    assert 5 < len(error["message"]) <= 4_200, error
    assert error["attempt"] == attempts, error
    recorded = Attempt.objects.filter(execution=execution).order_by("number")
    assert [one.number for one in recorded] == list(range(1, attempts + 1))
    assert all(one.error["message"] and one.decision for one in recorded)
