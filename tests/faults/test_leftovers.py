"""What an action has left behind in its process harms nobody for long."""

import time
from pathlib import Path

import psutil
import pytest
from django.db import connection

from actions.models import Attempt, Worker
from tests.faults.test_cluster import is_gone, sentinel_of
from tests.fixtures.waiting import wait_until
from tests.workflows.test_worker import ended, submit

pytestmark = pytest.mark.usefixtures("catalogue")

# Longer than any worker leaves its own transactions open between two statements.
LEFT_OPEN = """
SELECT 1 FROM pg_stat_activity
WHERE datname = current_database() AND state = 'idle in transaction'
  AND state_change < clock_timestamp() - interval '1 second'
"""


def left_open() -> list[tuple[int]]:
    with connection.cursor() as cursor:
        cursor.execute(LEFT_OPEN)
        return cursor.fetchall()


def test_threads_that_coroutines_have_left_blocked_keep_nobody_waiting(qcluster):
    qcluster(workers=1)
    blocked = [submit("probe-block-a-thread") for _ in range(8)]
    wait_until(lambda: all(ended(one) for one in blocked), what="the time-outs")

    after = [submit("probe-use-a-thread") for _ in range(3)]

    wait_until(lambda: all(ended(one) for one in after), what="the others")
    assert {one.error["code"] for one in blocked} == {"timeout"}
    assert [(one.status, one.result) for one in after] == [("succeeded", 7)] * 3


def test_a_worker_that_an_action_ends_is_missed_at_once_whatever_its_exit_code(qcluster):
    # Were it left to the lease, this would take two minutes.
    qcluster(workers=1, env={"ACTIONSITE_LEASE_SECONDS": "60"})

    execution = submit("probe-end-the-process")

    wait_until(lambda: ended(execution), timeout=40, what="its end")
    assert set(Attempt.objects.values_list("number", "outcome")) == {(1, "lost"), (2, "lost")}


def test_a_worker_with_a_session_left_open_is_replaced(qcluster):
    qcluster(workers=1)

    execution = submit("probe-leave-a-session")
    wait_until(lambda: ended(execution), what="its end")

    def is_replaced() -> bool:
        others = Worker.objects.filter(state="alive").exclude(pid=execution.result)
        return others.exists() and not psutil.pid_exists(execution.result)

    assert wait_until(is_replaced, what="another worker")
    wait_until(lambda: not left_open(), what="the end of the session")


@pytest.mark.parametrize("what", ["connection", "copy", "lock", "files"])
def test_a_worker_in_which_an_action_has_left_something_open_is_replaced(qcluster, what):
    cluster = qcluster(workers=1)

    execution = submit("probe-leave", what=what)
    wait_until(lambda: ended(execution), what="its end")

    wait_until(lambda: not psutil.pid_exists(execution.result), what="the end of the worker")
    after = submit("probe-use-a-session")
    wait_until(lambda: ended(after), what="another worker")
    assert cluster.text().count("This worker is replaced: after probe-leave it is left with") == 1
    assert Worker.objects.count() == 2


def test_a_worker_whose_actions_close_their_sessions_stays(qcluster, tmp_path):
    cluster = qcluster(workers=1)
    gate = tmp_path / "gate"
    beside = submit("probe-hold-a-session-beside", gate=str(gate))
    wait_until(lambda: gate.with_name("gate.begun").exists(), what="a session of a coroutine")

    done = [submit("probe-use-a-session") for _ in range(3)]
    wait_until(lambda: all(ended(one) for one in done), what="the plain ones")
    gate.touch()
    wait_until(lambda: ended(beside), what="the coroutine")
    done += [submit("probe-use-a-session") for _ in range(3)]
    wait_until(lambda: all(ended(one) for one in done), what="the others")

    assert len({one.result for one in done}) == 1
    assert "replaced" not in cluster.text()


def test_an_orphan_that_hears_nothing_ends_with_its_cluster(qcluster, tmp_path):
    cluster = qcluster(workers=1, env={"ACTIONSITE_STOP_GRACE_SECONDS": "1"})
    note = tmp_path / "pid"
    submit("probe-count-for-ever", note=str(note))
    wait_until(lambda: note.exists() and note.read_text(), what="its begin")
    orphan = psutil.Process(int(Path(note).read_text()))

    sentinel_of(cluster, workers=1).kill()

    began = time.monotonic()
    wait_until(lambda: is_gone(orphan), what="its end")
    assert time.monotonic() - began < 20
