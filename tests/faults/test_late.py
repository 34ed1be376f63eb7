"""A worker that stands still past its lease, and one that dies when it has just settled."""

import os
import signal
from collections.abc import Callable, Iterator

import psutil
import pytest

from actions import executions
from actions.models import Attempt, Execution, ExecutionEvent, Worker
from actions.promises import broken_promises
from tests.faults.accounts import BESIDE, BOOK, COUNT, EVERY_EFFECT, ONCE, POST
from tests.faults.test_points import fault
from tests.fixtures.engine import TESTER
from tests.fixtures.running import Running
from tests.fixtures.waiting import wait_until

pytestmark = pytest.mark.usefixtures("catalogue")


def stopped_below(cluster: Running) -> list[psutil.Process]:
    """The processes of the cluster that stand still."""
    return [one for one in cluster.children() if one.status() == psutil.STATUS_STOPPED]


@pytest.fixture
def standing_still(qcluster, tmp_path) -> Iterator[Callable[..., psutil.Process]]:
    """Start a cluster and return the one process of it that stands still at a point."""
    still: list[psutil.Process] = []

    def begin(point: str, *, workers: int) -> psutil.Process:
        mark = tmp_path / "happened"
        cluster = qcluster(workers=workers, env=fault(point, "stop", nth=1, mark=mark))
        still.extend(wait_until(lambda: stopped_below(cluster), what="who stands still"))
        return still[0]

    yield begin
    for one in still:
        if one.is_running():
            one.send_signal(signal.SIGCONT)


def state_of(execution: Execution) -> tuple[object, ...]:
    """All of an execution that a late worker might change."""
    row = Execution.objects.get(id=execution.id)
    attempts = Attempt.objects.filter(execution_id=row.id).order_by("number")
    ends = tuple(attempts.values_list("number", "outcome", "finished_at"))
    return (row.status, row.result, row.error, row.finished_at, ends)


def count_of(kind: str) -> int:
    return ExecutionEvent.objects.filter(type=kind).count()


@pytest.mark.parametrize("action", EVERY_EFFECT)
def test_what_was_settled_before_its_worker_died_is_never_run_again(
    account, qcluster, tmp_path, action
):
    mark = tmp_path / "happened"
    account.submit(action, key="one")

    qcluster(workers=1, env=fault("settle.after-commit", "kill", nth=1, mark=mark))
    wait_until(mark.exists, what="the fault")
    account.submit(action, key="two")

    assert account.check() == []
    assert set(Execution.objects.values_list("attempt_count", "status")) == {(1, "succeeded")}


@pytest.mark.parametrize("action", EVERY_EFFECT)
def test_a_worker_that_wakes_after_its_lease_writes_nothing(account, standing_still, action):
    account.submit(action, key="one")
    late = standing_still("body.after", workers=2)
    wait_until(account.is_over, what="the end without it")
    execution = Execution.objects.get()
    before, pid = state_of(execution), late.pid

    late.send_signal(signal.SIGCONT)
    wait_until(lambda: not psutil.pid_exists(pid), what="the leaving of who is late")

    assert account.check() == []
    assert state_of(execution) == before
    assert count_of("attempt_lost") == 1
    is_once = action == ONCE
    assert (execution.status, execution.attempt_count) == (
        ("failed", 1) if is_once else ("succeeded", 2)
    )
    # The end of its session has rolled a transactional one back; it has nothing left to settle.
    assert count_of("stale_result_refused") == int(action not in (BOOK, COUNT))


@pytest.mark.parametrize("action", [POST, BESIDE, ONCE])
def test_the_value_that_came_too_late_is_in_the_record(account, standing_still, action):
    account.submit(action, key="one")
    late = standing_still("body.after", workers=2)
    wait_until(account.is_over, what="the end without it")

    late.send_signal(signal.SIGCONT)
    refused = ExecutionEvent.objects.filter(type="stale_result_refused")
    wait_until(refused.exists, what="the refusal")

    told = refused.get().data
    assert (told["attempt"], told["outcome"], told["value"]) == (1, "succeeded", 1)
    assert account.check() == []


def test_a_late_worker_does_not_settle_the_attempt_of_another(account, standing_still, tmp_path):
    gate = tmp_path / "gate"
    params = {"name": "one", "ledger": str(account.ledger), "gate": str(gate)}
    executions.submit(action="probe-post-slowly", params=params, by=TESTER)
    late = standing_still("body.after", workers=2)
    second = Attempt.objects.filter(number=2, outcome="running")
    wait_until(second.exists, what="the second attempt")

    pid = late.pid
    late.send_signal(signal.SIGCONT)
    wait_until(lambda: not psutil.pid_exists(pid), what="the leaving of who is late")
    meanwhile = list(Execution.objects.values_list("status", "attempt_count", "result"))
    gate.touch()
    wait_until(account.is_over, what="its end")

    assert meanwhile == [("running", 2, None)]
    assert list(Execution.objects.values_list("status", "result")) == [("succeeded", 2)]
    assert broken_promises() == []


def hold_and_kill(qcluster, tmp_path, *, deed: str) -> Running:
    """Let a worker die in the middle of an attempt, and whoever reaps it first meet the fault."""
    gate, mark = tmp_path / "gate", tmp_path / "happened"
    params = {"name": "one", "gate": str(gate)}
    executions.submit(action="probe-hold", params=params, by=TESTER)
    cluster = qcluster(workers=3, env=fault("reap.before-commit", deed, nth=1, mark=mark))
    begun = tmp_path / "gate.begun"
    wait_until(lambda: begun.exists() and begun.read_text(), what="the attempt")
    wait_until(lambda: Worker.objects.filter(state="alive").count() == 3, what="three workers")
    os.kill(int(begun.read_text()), signal.SIGKILL)
    wait_until(mark.exists, what="the fault")
    return cluster


@pytest.mark.parametrize("deed", ["kill", "stop"])
def test_of_a_reaper_that_dies_or_stands_still_another_takes_the_work(
    account, qcluster, tmp_path, deed
):
    cluster = hold_and_kill(qcluster, tmp_path, deed=deed)

    wait_until(account.is_over, what="the end of what was held")
    for still in stopped_below(cluster):
        still.send_signal(signal.SIGCONT)
    wait_until(
        lambda: Worker.objects.filter(state="alive").count() == 3, what="three workers again"
    )

    execution = Execution.objects.get()
    assert (execution.status, execution.attempt_count) == ("succeeded", 2)
    assert count_of("attempt_lost") == 1
    assert broken_promises() == []
