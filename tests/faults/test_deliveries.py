"""Messages of the supervising queue, doubled or lost; and no cache that anybody shares."""

import os
import signal

import httpx2
import pytest
from django.conf import settings

from actions import access
from actions.actors import SYSTEM
from actions.models import Execution
from tests.faults.accounts import EVERY_EFFECT
from tests.faults.test_processes import living_pids
from tests.fixtures.waiting import wait_until

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.mark.parametrize(("way", "seed"), [("tripled", 20261), ("lossy", 20262)])
def test_messages_that_come_often_or_never_change_no_count(account, start, way, seed):
    env = {"ACTIONSITE_ROLE": "worker", "ACTIONSITE_WORKERS": "2", "DELIVERIES_SEED": str(seed)}
    cluster = start("-m", "tests.faults.deliveries", way, env=env)
    for number in range(50):
        account.submit(EVERY_EFFECT[number % 5], key=f"early-{number}")
    victims = wait_until(lambda: len(found := living_pids()) == 2 and found, what="two workers")
    wait_until(account.is_over, what="the first half")

    os.kill(victims[0], signal.SIGKILL)
    for number in range(50):
        account.submit(EVERY_EFFECT[number % 5], key=f"late-{number}")

    assert account.check() == []
    assert set(Execution.objects.values_list("attempt_count", flat=True)) == {1}
    assert cluster.stop() == 0


def test_web_processes_share_no_cache_and_one_key_is_still_one_execution(web_server):
    key = access.create_key(name="tests", scopes=["actions:execute"], by=SYSTEM)[1]
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "k-1"}
    servers = [web_server(), web_server()]

    answers = [
        httpx2.post(
            f"{server.url}/api/v1/actions/probe-nothing/executions?wait=0",
            json={"params": {}},
            headers=headers,
            trust_env=False,
        )
        for server in servers * 2
    ]

    backend = settings.CACHES["default"]["BACKEND"]
    assert backend == "django.core.cache.backends.locmem.LocMemCache"  # one for each process
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Execution.objects.count() == 1
