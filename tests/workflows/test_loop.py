"""The lane of coroutines, in a real worker."""

from actions.models import Execution, Worker
from tests.workflows.test_worker import ended, submit


def test_many_coroutines_run_at_a_time(catalogue, qcluster, wait_until):
    qcluster(workers=1)
    naps = [submit("probe-nap", seconds=1.0) for _ in range(50)]

    wait_until(lambda: not Execution.objects.exclude(status="succeeded").exists(), what="all naps")

    spans = Execution.objects.filter(id__in=[nap.id for nap in naps])
    first_end = min(spans.values_list("finished_at", flat=True))
    assert spans.filter(started_at__lt=first_end).count() == 50


def test_more_coroutines_than_there_is_room_for_wait_their_turn(catalogue, qcluster, wait_until):
    qcluster(workers=1, env={"ACTIONSITE_CONCURRENCY": "2", "ACTIONSITE_POLL_SECONDS": "300"})
    naps = [submit("probe-nap", seconds=0.1) for _ in range(6)]

    wait_until(lambda: all(ended(nap) for nap in naps), what="all naps")

    assert {nap.status for nap in naps} == {"succeeded"}


def test_a_coroutine_that_waits_for_ever_times_out(catalogue, qcluster, wait_until):
    qcluster(workers=1)

    execution = submit("probe-late")

    wait_until(lambda: ended(execution), what="the time-out")
    assert execution.error["code"] == "timeout"
    assert execution.error["outcome"] == "unknown"


def test_an_idle_lane_is_woken_long_before_its_poll(catalogue, qcluster, wait_until):
    qcluster(workers=1, env={"ACTIONSITE_POLL_SECONDS": "300"})
    wait_until(
        lambda: Worker.objects.filter(loop_idle_since__isnull=False).exists(), what="an open lane"
    )

    execution = submit("probe-fetch", word="hello")

    wait_until(lambda: ended(execution), timeout=10, what="the execution")
    assert execution.result == "HELLO"


def test_a_stopping_worker_lets_its_coroutines_finish(catalogue, qcluster, wait_until):
    cluster = qcluster(workers=1)
    execution = submit("probe-nap", seconds=1.0)
    wait_until(lambda: Execution.objects.filter(status="running").exists(), what="the nap")

    assert cluster.stop() == 0

    execution.refresh_from_db()
    assert execution.status == "succeeded"
    assert Worker.objects.get().state == "stopped"


def test_what_a_running_body_reports_is_seen_before_it_ends(
    catalogue, qcluster, wait_until, tmp_path
):
    gate = tmp_path / "gate"
    qcluster(workers=1)
    execution = submit("probe-report", gate=str(gate))

    attempt = wait_until(
        lambda: execution.attempts.filter(progress={"done": 1}).first(), what="the progress"
    )

    assert execution.log_lines.get().message == "one is done"
    assert attempt.outcome == "running"
    gate.touch()
    wait_until(lambda: ended(execution), what="the end")
    assert execution.log_lines.count() == 2
