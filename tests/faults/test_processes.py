"""Processes of the cluster that die, one after the other, under load."""

import os
import signal

import psutil
import pytest

from actions.models import Worker
from tests.fixtures.waiting import wait_until


def living_pids() -> list[int]:
    """Those that the database has heard of and that are still there."""
    heard = Worker.objects.within_lease().values_list("pid", flat=True)
    return [pid for pid in heard if psutil.pid_exists(pid)]


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_worker_killed_twenty_times_in_a_row_loses_nothing(load, qcluster):
    qcluster(workers=2)

    for number in range(20):
        load.submit(10)
        victims = wait_until(living_pids, timeout=60, what="a living worker")
        os.kill(victims[number % len(victims)], signal.SIGKILL)

    load.check(timeout=120)


def test_idle_workers_may_die_too(load, qcluster):
    qcluster(workers=2)

    for _ in range(3):
        for victim in wait_until(living_pids, what="a living worker"):
            os.kill(victim, signal.SIGKILL)
        load.submit(2)
        wait_until(load.is_over, what="the work")

    load.check()


@pytest.mark.parametrize(
    "whole_group", [pytest.param(False, marks=pytest.mark.long), True], ids=["main", "group"]
)
def test_a_cluster_stopped_under_load_leaves_the_rest_to_the_next(load, qcluster, whole_group):
    first = qcluster(workers=2)
    load.submit(200)
    wait_until(living_pids, what="a living worker")

    (os.killpg if whole_group else os.kill)(first.pid, signal.SIGTERM)

    assert first.popen.wait(20) == 0
    assert not living_pids()
    qcluster(workers=2)
    load.check()


def test_a_cluster_killed_as_a_whole_is_followed_by_another(load, qcluster):
    first = qcluster(workers=2)
    load.submit(100)
    wait_until(living_pids, what="a living worker")

    first.kill()

    qcluster(workers=2)
    load.check()


def test_the_helpers_of_the_cluster_may_die_at_once(load, qcluster):
    cluster = qcluster(workers=2)
    workers = set(wait_until(lambda: len(living_pids()) == 2 and living_pids(), what="workers"))
    children = cluster.children()
    sentinel = next(one.ppid() for one in children if one.pid in workers)
    helpers = [one.pid for one in children if one.ppid() == sentinel and one.pid not in workers]

    for pid in [*helpers, *workers]:
        os.kill(pid, signal.SIGKILL)
    load.submit(20)

    assert len(helpers) == 2
    load.check()
    assert cluster.stop() == 0
