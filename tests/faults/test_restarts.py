"""PostgreSQL goes away and comes back under the work; nothing of ours is started again."""

from collections.abc import Iterator
from functools import partial
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil
import pytest

from actions import definitions
from actions.models import Execution
from tests.faults.accounts import Submitter
from tests.fixtures.running import Running
from tests.fixtures.waiting import wait_until


@pytest.fixture
def cloned_database(own_cluster) -> str:
    """The workers and servers of these tests are on the test's own PostgreSQL."""
    definitions.sync()
    return own_cluster.url


@pytest.fixture
def submitter(cloned_database, account) -> Iterator[Submitter]:
    """Submits while the test goes on."""
    thread = Submitter(account, per_second=40)
    thread.start()
    yield thread
    thread.finish()


def wait_for_progress(more: int, *, timeout: float = 40) -> None:
    """Return once so many further executions have ended."""
    ended = Execution.objects.filter(finished_at__isnull=False)
    goal = ended.count() + more
    wait_until(lambda: ended.count() >= goal, timeout=timeout, what=f"{more} further ends")


def worker_pids(cluster: Running) -> set[int]:
    """The processes below the cluster's main process."""
    return {child.pid for child in cluster.children()}


def status_of(url: str) -> int:
    try:
        with urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server
            return answer.status
    except HTTPError as refused:
        with refused:
            return refused.code


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_restarts_under_load_lose_and_double_nothing(
    own_cluster, qcluster, submitter, account, mode
):
    cluster = qcluster(workers=2)
    wait_for_progress(20)

    for _ in range(3):
        own_cluster.restart(mode)
        wait_for_progress(20)

    submitter.finish()
    assert account.check() == []
    assert cluster.popen.poll() is None


@pytest.mark.parametrize(
    "down_seconds",
    [1.2, pytest.param(5.0, marks=pytest.mark.long)],
    ids=["longer than a heartbeat", "longer than the lease"],
)
def test_work_goes_on_by_itself_after_the_database_was_away(
    own_cluster, qcluster, submitter, account, down_seconds
):
    cluster = qcluster(workers=2)
    wait_for_progress(20)

    own_cluster.restart("immediate", down_seconds)
    wait_for_progress(40)

    submitter.finish()
    assert account.check() == []
    assert account.retried_count > 0
    assert cluster.popen.poll() is None


def test_a_killed_server_that_comes_back_has_kept_all_that_it_acknowledged(
    own_cluster, qcluster, submitter, account
):
    qcluster(workers=2)
    wait_for_progress(20)

    own_cluster.kill()
    own_cluster.start()
    wait_for_progress(20)

    submitter.finish()
    assert account.check() == []


def test_readiness_is_red_while_the_database_is_away_and_green_by_itself(
    own_cluster, qcluster, web_server
):
    server, _ = web_server(), qcluster(workers=1)
    ready = partial(status_of, f"{server.url}/readyz")
    wait_until(lambda: ready() == 200, what="readiness")

    own_cluster.stop("fast")
    during = (wait_until(lambda: ready() == 503, what="red"), status_of(f"{server.url}/livez"))
    own_cluster.start()

    wait_until(lambda: ready() == 200, what="green")
    assert during == (True, 200)
    assert psutil.pid_exists(server.pid)


def test_workers_that_find_no_database_wait_between_their_tries(own_cluster, qcluster):
    own_cluster.stop()
    cluster = qcluster(workers=2)

    wait_until(lambda: "No such file" in cluster.text(), what="the first try")
    own_cluster.restart(down_seconds=2)

    assert cluster.text().count("Failed 'workflows.worker.drain'") < 20
