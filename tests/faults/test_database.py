"""A database that cuts, delays or ends the connections of workers under load."""

import pytest
from django.db import connection
from django.db.models.functions import Now

from actions.models import Execution, Worker
from tests.fixtures.waiting import wait_until

ACTIONS = ["probe-mark", "probe-mark-outside", "probe-mark-beside"]


def terminate_sessions() -> int:
    """End every session of the test's database but this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    "commits", [1, *(pytest.param(n, marks=pytest.mark.long) for n in (0, 2, 5))]
)
def test_a_connection_cut_at_a_commit_loses_and_doubles_nothing(
    load, qcluster, proxy, through_proxy, action, commits
):
    qcluster(workers=1, env=through_proxy())
    load.submit(3, action=action)
    wait_until(load.is_over, what="the warm-up")

    proxy.cut_after_commits = commits
    load.submit(20, action=action)

    load.check()
    assert proxy.cut_count == 1


@pytest.mark.long
def test_every_connection_dropped_again_and_again_only_delays(load, qcluster, proxy, through_proxy):
    qcluster(workers=2, env=through_proxy())

    for _ in range(5):
        for action in ACTIONS:
            load.submit(4, action=action)
        proxy.cut_all()

    load.check()


def test_sessions_ended_by_the_server_only_delay(load, qcluster):
    qcluster(workers=2)

    for _ in range(5):
        for action in ACTIONS:
            load.submit(4, action=action)
        terminate_sessions()

    load.check()


@pytest.mark.long
def test_a_slow_database_costs_no_lease(load, qcluster, proxy, through_proxy):
    proxy.delay_seconds = 0.02
    qcluster(workers=1, env=through_proxy())

    load.submit(5)

    load.check(timeout=90)
    assert not Execution.objects.filter(attempt_count__gt=1).exists()


@pytest.mark.long
def test_a_database_that_stalls_now_and_then_costs_no_lease(load, qcluster, proxy, through_proxy):
    proxy.delay_seconds, proxy.stall_seconds, proxy.stall_every = 0.005, 1.5, 40
    env = {"ACTIONSITE_LEASE_SECONDS": "8"}
    qcluster(workers=1, env=through_proxy() | env)

    for action in ACTIONS:
        load.submit(8, action=action)

    load.check(timeout=100)
    assert proxy.message_count > 2 * proxy.stall_every
    assert not Execution.objects.filter(attempt_count__gt=1).exists()


@pytest.mark.long
def test_half_open_connections_for_longer_than_the_lease_leave_the_work_to_others(
    load, qcluster, proxy, through_proxy
):
    far = qcluster(workers=1, env=through_proxy())
    load.submit(3)
    wait_until(load.is_over, what="the warm-up")

    proxy.is_half_open = True
    for action in ACTIONS:
        load.submit(10, action=action)
    silent = Worker.objects.filter(lease_until__lt=Now())
    wait_until(silent.exists, what="its silence")
    near = qcluster(workers=1)
    wait_until(load.is_over, timeout=60, what="the end of every execution")

    proxy.is_half_open = False
    proxy.cut_all()
    assert near.stop() == 0
    load.submit(5)
    load.check()
    assert far.popen.poll() is None
