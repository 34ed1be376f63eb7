"""Single processes of the cluster die, and clusters take over from one another."""

import os
import signal
from collections.abc import Callable

import psutil
import pytest

from actions.models import Execution, Worker
from tests.faults.accounts import BOOK, Submitter
from tests.faults.test_processes import living_pids
from tests.fixtures.running import Running
from tests.fixtures.waiting import wait_until

pytestmark = pytest.mark.usefixtures("catalogue")


def workers_of(cluster: Running, *, count: int) -> set[int]:
    """The processes of the cluster's workers, once so many have signed on."""

    def signed_on() -> set[int]:
        below = {one.pid for one in cluster.children()}
        return below & set(living_pids())

    return wait_until(lambda: (len(found := signed_on()) == count) and found, what="workers")


def sentinel_of(cluster: Running, *, workers: int) -> psutil.Process:
    """The parent of the workers."""
    return psutil.Process(psutil.Process(min(workers_of(cluster, count=workers))).ppid())


def helpers_of(cluster: Running, *, workers: int) -> list[psutil.Process]:
    """The monitor and the pusher, in the order in which they were forked."""
    known = workers_of(cluster, count=workers)
    beside = sentinel_of(cluster, workers=workers).children()
    return sorted((one for one in beside if one.pid not in known), key=psutil.Process.create_time)


def is_gone(child: psutil.Process) -> bool:
    return not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("helper", [0, 1], ids=["monitor", "pusher"])
@pytest.mark.parametrize("is_busy", [False, True], ids=["idle", "busy"])
def test_a_killed_helper_costs_nothing(account, qcluster, helper, is_busy):
    cluster = qcluster(workers=2)
    submitter = Submitter(account, per_second=100 if is_busy else 10)
    victims = helpers_of(cluster, workers=2)
    if is_busy:
        submitter.start()
        wait_until(lambda: Execution.objects.count() > 20, what="load")

    victims[helper].kill()
    wait_until(lambda: is_gone(victims[helper]), what="its end")
    wait_until(lambda: len(helpers_of(cluster, workers=2)) == 2, what="another in its place")

    if not is_busy:
        submitter.start()
    goal = Execution.objects.count() + 20
    wait_until(lambda: Execution.objects.count() > goal, what="more load")
    submitter.finish()
    assert len(victims) == 2
    assert account.check() == []
    assert set(Execution.objects.values_list("attempt_count", flat=True)) == {1}
    assert cluster.stop() == 0


def kill_sentinel(cluster: Running) -> None:
    sentinel_of(cluster, workers=2).kill()
    assert cluster.popen.wait(10) == 1


def kill_main(cluster: Running) -> None:
    cluster.popen.kill()
    cluster.popen.wait(10)


@pytest.mark.parametrize("kill", [kill_sentinel, kill_main])
def test_after_the_head_of_a_cluster_was_killed_another_takes_over(
    account, qcluster, kill: Callable[[Running], None]
):
    first = qcluster(workers=2)
    orphans = [psutil.Process(pid) for pid in workers_of(first, count=2)]
    submitter = Submitter(account, per_second=100)
    submitter.start()
    wait_until(lambda: Execution.objects.count() > 20, what="load")

    kill(first)
    qcluster(workers=2)
    goal = Execution.objects.count() + 50
    wait_until(lambda: Execution.objects.count() > goal, what="more load")
    submitter.finish()

    wait_until(lambda: all(is_gone(orphan) for orphan in orphans), what="the orphans' leaving")
    assert account.check() == []
    assert set(Execution.objects.values_list("attempt_count", flat=True)) == {1}


@pytest.mark.long
def test_the_head_may_be_killed_again_and_again_while_nothing_is_due(account, qcluster):
    for number in range(3):
        cluster = qcluster(workers=2)
        workers_of(cluster, count=2)
        kill_main(cluster)
        account.submit(BOOK, key=f"key-{number}")
    last = qcluster(workers=2)

    assert account.check() == []
    assert last.stop() == 0


@pytest.mark.long
def test_a_rolling_restart_loses_and_repeats_nothing(account, qcluster):
    submitter = Submitter(account, per_second=60)
    running, codes = qcluster(workers=2), []
    submitter.start()

    for _ in range(3):
        workers_of(running, count=2)
        following = qcluster(workers=2)
        workers_of(following, count=2)
        codes.append(running.stop())
        running = following
        goal = Execution.objects.count() + 20
        wait_until(lambda goal=goal: Execution.objects.count() > goal, what="more load")

    submitter.finish()
    assert account.check() == []
    assert codes == [0, 0, 0]
    assert set(Execution.objects.values_list("attempt_count", flat=True)) == {1}
    assert account.retried_count == 0


def test_a_rolling_restart_in_the_middle_of_long_work_waits_for_it(account, qcluster, tmp_path):
    gate = tmp_path / "gate"
    running = qcluster(workers=2)
    workers_of(running, count=2)
    account.hold("held", gate=gate)
    wait_until((tmp_path / "gate.begun").exists, what="its beginning")
    following = qcluster(workers=2)
    workers_of(following, count=2)

    os.kill(running.pid, signal.SIGTERM)
    wait_until(Worker.objects.filter(state="stopped").exists, what="the leaving of the idle one")
    gate.touch()

    assert running.popen.wait(10) == 0
    assert following.popen.poll() is None
    assert account.check() == []
    assert set(Execution.objects.values_list("attempt_count", flat=True)) == {1}
