"""Real worker processes under a real supervisor, and what happens when they die."""

import os
import signal
from pathlib import Path

import pytest

from actions import executions
from actions.actors import Actor
from actions.models import Attempt, Execution, ExecutionEvent, Worker
from tests.probe.models import Mark

TESTER = Actor(kind="user", id="1", label="tester")


def submit(action: str, **params: object) -> Execution:
    return executions.submit(action=action, params=params, by=TESTER).execution


def ended(execution: Execution) -> bool:
    execution.refresh_from_db()
    return execution.is_terminal


def begun(gate: Path) -> int | None:
    """The process id that the held action has written, once it has."""
    file = Path(f"{gate}.begun")
    text = file.read_text() if file.exists() else ""
    return int(text) if text else None


def test_a_worker_killed_in_the_middle_leaves_one_effect_and_both_attempts(
    catalogue, qcluster, wait_until, tmp_path
):
    gate = tmp_path / "gate"
    qcluster(workers=2)
    execution = submit("probe-hold", name="killed", gate=str(gate))
    pid = wait_until(lambda: begun(gate), what="the first attempt")

    os.kill(pid, signal.SIGKILL)

    wait_until(lambda: ended(execution), what="the second attempt")
    assert (execution.status, execution.result) == ("succeeded", 2)
    assert list(Mark.objects.values_list("attempt", flat=True)) == [2]
    attempts = Attempt.objects.filter(execution=execution).order_by("number")
    assert [one.outcome for one in attempts] == ["lost", "succeeded"]
    assert attempts[0].error["code"] == "worker_lost"
    assert attempts[0].worker_id != attempts[1].worker_id


def test_a_silent_worker_is_reaped_and_its_late_result_refused(
    catalogue, qcluster, wait_until, tmp_path
):
    gate = tmp_path / "gate"
    qcluster(workers=2)
    execution = submit("probe-hold", name="stopped", gate=str(gate))
    pid = wait_until(lambda: begun(gate), what="the first attempt")

    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: ended(execution), what="the second attempt")
    gate.touch()
    os.kill(pid, signal.SIGCONT)

    wait_until(lambda: not Path(f"/proc/{pid}").exists(), what="the late worker to leave")
    execution.refresh_from_db()
    assert (execution.status, execution.result) == ("succeeded", 2)
    assert Mark.objects.count() == 1


def test_a_stopping_worker_finishes_what_it_has_begun(catalogue, qcluster, wait_until, tmp_path):
    gate = tmp_path / "gate"
    cluster = qcluster(workers=1)
    execution = submit("probe-hold", name="finished", gate=str(gate))
    waiting = submit("probe-mark", name="left for others")
    wait_until(lambda: begun(gate), what="the first attempt")

    cluster.popen.send_signal(signal.SIGTERM)
    gate.touch()
    assert cluster.popen.wait(20) == 0

    execution.refresh_from_db()
    waiting.refresh_from_db()
    assert (execution.status, execution.result) == ("succeeded", 1)
    assert waiting.status in ("queued", "succeeded")
    assert set(Worker.objects.values_list("state", flat=True)) == {"stopped"}


def test_an_idle_worker_is_woken_long_before_its_poll(catalogue, qcluster, wait_until):
    qcluster(workers=1, env={"ACTIONSITE_POLL_SECONDS": "300"})
    wait_until(lambda: Worker.objects.filter(idle_since__isnull=False).exists(), what="an idle one")

    execution = submit("probe-mark", name="woken")

    wait_until(lambda: ended(execution), timeout=10, what="the execution")
    assert execution.status == "succeeded"


def test_a_retry_is_met_at_its_due_time_long_before_the_poll(catalogue, qcluster, wait_until):
    qcluster(workers=1, env={"ACTIONSITE_POLL_SECONDS": "300"})

    execution = submit("probe-flaky", name="due", fail_times=2)

    wait_until(lambda: ended(execution), timeout=10, what="the third attempt")
    assert execution.status == "succeeded"
    assert execution.attempt_count == 3


def test_a_running_action_sees_that_it_is_asked_to_stop(catalogue, qcluster, wait_until, tmp_path):
    gate = tmp_path / "gate"
    qcluster(workers=1)
    execution = submit("probe-wait-for-cancel", gate=str(gate))
    wait_until(lambda: begun(gate), what="the attempt")

    executions.cancel(execution_id=execution.id, by=TESTER, reason="no longer needed")

    wait_until(lambda: ended(execution), what="the action to stop")
    assert execution.status == "cancelled"
    types = ExecutionEvent.objects.filter(execution=execution).order_by("seq")
    assert list(types.values_list("type", flat=True))[-2:] == ["cancel_requested", "cancelled"]


@pytest.mark.parametrize("victim", ["worker", "sentinel", "main"])
def test_whatever_process_of_the_cluster_is_killed_no_orphan_is_left(
    catalogue, qcluster, wait_until, victim
):
    cluster = qcluster(workers=2)
    wait_until(lambda: Worker.objects.within_lease().count() == 2, what="two workers")
    processes = cluster.children()
    worker = Worker.objects.first().pid
    sentinel = next(one.ppid() for one in processes if one.pid == worker)

    os.kill({"worker": worker, "sentinel": sentinel, "main": cluster.pid}[victim], signal.SIGKILL)

    if victim == "worker":
        wait_until(lambda: Worker.objects.within_lease().count() == 2, what="a new worker")
        assert cluster.stop() == 0
    wait_until(lambda: not any(one.is_running() for one in processes), what="all to end")


def test_a_signal_to_the_whole_group_stops_the_cluster(catalogue, qcluster, wait_until):
    cluster = qcluster(workers=2)
    wait_until(lambda: Worker.objects.within_lease().count() == 2, what="two workers")
    processes = cluster.children()

    os.killpg(cluster.pid, signal.SIGTERM)

    assert cluster.popen.wait(20) == 0
    assert not any(one.is_running() for one in processes)
    assert set(Worker.objects.values_list("state", flat=True)) == {"stopped"}


@pytest.mark.parametrize("action", ["probe-mark", "probe-fetch"])
def test_a_worker_with_an_error_of_ours_leaves_and_is_replaced(
    catalogue, qcluster, wait_until, tmp_path, action
):
    mark = tmp_path / "happened"
    fault = {
        "ENGINE_FAULT": "body.after:raise:1",
        "ENGINE_FAULT_MARK": str(mark),
        "ACTIONSITE_ALLOW_FAULTS": "1",
    }
    cluster = qcluster(workers=1, env=fault)

    execution = submit(action, **({"word": "x"} if action == "probe-fetch" else {"name": "x"}))

    wait_until(lambda: ended(execution), what="the second attempt")
    assert mark.exists()
    assert (execution.status, execution.attempt_count) == ("succeeded", 2)
    assert "cannot go on; this worker leaves" in cluster.text()
