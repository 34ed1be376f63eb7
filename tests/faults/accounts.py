"""A caller that never gives up, and the reckoning of what it was promised."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import DatabaseError, InterfaceError, connection

from actions import executions
from actions.models import Execution, ExecutionEvent
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER
from tests.fixtures.waiting import wait_until
from tests.probe.models import Mark

BOOK, COUNT, POST, BESIDE, ONCE = EVERY_EFFECT = (
    "probe-book",
    "probe-count",
    "probe-post",
    "probe-post-beside",
    "probe-post-once",
)
HOLD = "probe-hold"
ONCE_IN_TURN = "probe-post-once-in-turn"


@dataclass
class Account:
    """What was acknowledged, key by key, and the ledger of the service outside."""

    ledger: Path
    told: dict[str, str] = field(default_factory=dict)  # the id that was returned for each key
    actions: dict[str, str] = field(default_factory=dict)
    retried_count: int = 0
    seconds: float = 0  # how long a body takes after its effect

    def submit(self, action: str, *, key: str) -> str:
        """Submit once; returns the execution's id."""
        params: dict[str, object] = {"name": key}
        if action in (POST, BESIDE, ONCE, ONCE_IN_TURN):
            params["ledger"] = str(self.ledger)
        if action != COUNT and self.seconds:
            params["seconds"] = self.seconds
        return self._submit(action, key=key, params=params)

    def hold(self, key: str, *, gate: Path) -> str:
        """Submit a transactional one that goes on until the gate's file is there."""
        return self._submit(HOLD, key=key, params={"name": key, "gate": str(gate)})

    def _submit(self, action: str, *, key: str, params: dict[str, object]) -> str:
        done = executions.submit(action=action, params=params, by=TESTER, key=key)
        identity = done.execution.shown_id
        assert self.told.setdefault(key, identity) == identity, f"{key} became another execution"
        self.actions[key] = action
        return identity

    def calls(self) -> Counter[str]:
        """How often the service was called with each downstream key."""
        return Counter(self.ledger.read_text().split() if self.ledger.exists() else [])

    def is_over(self) -> bool:
        """Whether every execution has ended."""
        return not Execution.objects.filter(finished_at__isnull=True).exists()

    def check(self, *, timeout: float = 60) -> list[str]:
        """Wait for the end and reckon; returns the ids of those that ended as a crash loop."""
        wait_until(self.is_over, timeout=timeout, what="the end of every execution")
        rows = {row.idempotency_key: row for row in Execution.objects.all()}
        assert {key: row.shown_id for key, row in rows.items()} == self.told
        assert {key: row.action_name for key, row in rows.items()} == self.actions
        assert Execution.objects.count() == len(self.told)
        assert broken_promises() == []
        looped = [row for row in rows.values() if row.error_code == "crash_loop"]
        self._check_transactional(rows)
        self._check_outside(rows)
        return [row.shown_id for row in looped]

    def _check_transactional(self, rows: dict[str, Execution]) -> None:
        marks = Counter(Mark.objects.values_list("name", flat=True))
        for key, row in rows.items():
            if row.action_name in (BOOK, COUNT, HOLD):
                assert row.status == "succeeded" or row.error_code == "crash_loop", row.error
            if row.action_name in (BOOK, HOLD):
                assert marks.pop(key, 0) == int(row.status == "succeeded"), story(row)
        assert not marks

    def _check_outside(self, rows: dict[str, Execution]) -> None:
        calls = self.calls()
        for row in rows.values():
            if row.action_name in (POST, BESIDE):
                assert row.status == "succeeded" or row.error_code == "crash_loop", row.error
                made = calls.pop(row.downstream_key, 0)
                assert made >= 1 or row.status == "failed", story(row)
            elif row.action_name in (ONCE, ONCE_IN_TURN):
                made = calls.pop(row.downstream_key, 0)
                assert made <= 1, f"it was called {made} times: {story(row)}"
                if row.status == "succeeded":
                    assert made == 1, story(row)
                else:
                    assert (row.status, row.error["outcome"]) == ("failed", "unknown"), row.error
        assert not calls


def story(row: Execution) -> str:
    """What the log says of an execution, for whoever reads the failure of a test."""
    events = ExecutionEvent.objects.filter(execution_id=row.id).order_by("seq")
    lines = [f"{one.at:%H:%M:%S.%f} {one.type} {one.worker_label} {one.data}" for one in events]
    return "\n".join([f"{row.shown_id} {row.action_name} {row.status}", *lines])


class Submitter(threading.Thread):
    """Submits all actions in turn at a pace; after an error it sends the same key again."""

    def __init__(
        self,
        account: Account,
        *,
        per_second: float,
        actions: tuple[str, ...] = EVERY_EFFECT,
        name: str = "key",
    ) -> None:
        super().__init__(name="submitter", daemon=True)
        self.account, self.actions = account, actions
        self._pace, self._prefix = 1 / per_second, name
        self._is_done, self._gives_up = threading.Event(), threading.Event()
        self.failed: BaseException | None = None

    def run(self) -> None:
        """Go on until told to finish; the key under way is sent until it is acknowledged."""
        number, due = 0, time.monotonic()
        try:
            while not self._is_done.wait(max(0.0, due - time.monotonic())):
                action = self.actions[number % len(self.actions)]
                key = f"{self._prefix}-{number}"
                self._insist(lambda a=action, k=key: self.account.submit(a, key=k))
                number, due = number + 1, max(due, time.monotonic() - 1) + self._pace
        except BaseException as failed:
            self.failed = failed
            raise
        finally:
            connection.close()

    def give_up(self) -> None:
        """Stop submitting, also what was never acknowledged."""
        self._is_done.set()
        self._gives_up.set()

    def finish(self) -> None:
        """Stop submitting; raises what has ended the thread before."""
        self._is_done.set()
        self.join(60)
        if self.failed is not None:
            raise self.failed

    def _insist(self, call: Callable[[], str]) -> None:
        while not self._gives_up.is_set():
            try:
                call()
                return
            except (DatabaseError, InterfaceError):
                connection.close()
                self.account.retried_count += 1
                threading.Event().wait(0.05)
