"""A node whose clock is wrong: all times are the database's."""

import os
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from actions import executions
from actions.models import Attempt, Execution, ExecutionEvent, Worker
from actions.promises import broken_promises
from tests.faults.accounts import EVERY_EFFECT
from tests.fixtures.engine import TESTER
from tests.fixtures.waiting import wait_until

pytestmark = pytest.mark.usefixtures("catalogue")

HOUR = 3600

# Python runs a module of this name in every process before anything else.
SHIM = """
import datetime, time_machine
there = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds={seconds})
time_machine.travel(there, tick=True).start()
"""


@pytest.fixture
def wrong_clock(tmp_path) -> Callable[[int], dict[str, str]]:
    """The environment of processes whose clock is so many seconds ahead."""

    def shift(seconds: int) -> dict[str, str]:
        (tmp_path / "sitecustomize.py").write_text(SHIM.format(seconds=seconds))
        return {"PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ["PYTHONPATH"]])}

    return shift


def told_ahead(asked: Execution) -> float:
    """How far the clock of whoever ran it is ahead of the database's."""
    row = Execution.objects.get(id=asked.id)
    return row.result - row.started_at.timestamp()


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
def test_a_node_whose_clock_is_wrong_keeps_leases_due_times_and_backoff(
    account, qcluster, wrong_clock, seconds
):
    qcluster(workers=1, env=wrong_clock(seconds))
    asked = executions.submit(action="probe-clock", params={}, by=TESTER).execution
    wait_until(account.is_over, what="what time it is")
    assert told_ahead(asked) == pytest.approx(seconds, abs=60)

    check_due_times(account)
    check_backoff(account)
    check_leases(account, qcluster)
    assert broken_promises() == []


def check_due_times(account) -> None:
    """What becomes due in a second begins then, and neither an hour before nor after."""
    with transaction.atomic():
        later = executions.submit(action="probe-nothing", params={}, by=TESTER).execution
        Execution.objects.filter(id=later.id).update(run_at=Now() + timedelta(seconds=1))
    wait_until(account.is_over, what="the end of what was due later")
    row = Execution.objects.get(id=later.id)
    assert row.run_at <= row.started_at < row.run_at + timedelta(seconds=5)


def check_backoff(account) -> None:
    """What failed waits as long as its policy says."""
    params = {"name": "flaky", "fail_times": 2}
    flaky = executions.submit(action="probe-flaky", params=params, by=TESTER).execution
    wait_until(account.is_over, what="the end of what was retried")
    attempts = list(Attempt.objects.filter(execution_id=flaky.id).order_by("number"))
    waits = [b.started_at - a.finished_at for a, b in pairwise(attempts)]
    assert len(waits) == 2
    assert all(timedelta(seconds=0.05) <= wait < timedelta(seconds=10) for wait in waits)


def check_leases(account, qcluster) -> None:
    """Beside a node with the right clock nobody is taken for dead."""
    qcluster(workers=1)
    both = Worker.objects.within_lease().filter(lease_until__lt=Now() + timedelta(seconds=10))
    wait_until(lambda: both.count() == 2, what="two nodes")
    for number in range(40):
        account.submit(EVERY_EFFECT[number % 5], key=f"key-{number}")
    wait_until(account.is_over, what="the end of every execution")
    seen = Worker.objects.filter(heartbeat_at__gt=F("started_at") + timedelta(seconds=1))
    wait_until(lambda: seen.count() == 2, what="heartbeats")
    assert not ExecutionEvent.objects.filter(type="attempt_lost").exists()
