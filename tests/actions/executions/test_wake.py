"""Who is woken when something is submitted."""

import psycopg
import pytest
from django.conf import settings
from django.db.models.functions import Now

from actions.executions.wake import work_channel
from actions.models import Worker
from tests.fixtures.engine import Engine


@pytest.mark.parametrize(
    ("action", "params", "is_concurrent"),
    [("probe-nothing", {}, False), ("probe-fetch", {"word": "a"}, True)],
)
def test_only_a_worker_that_has_the_code_is_woken(engine, action, params, is_concurrent):
    without = [Engine() for _ in range(3)]
    lacking = Worker.objects.filter(id__in=[one.worker_id for one in without])
    lacking.update(actions=["another"])
    Worker.objects.update(idle_since=Now(), loop_idle_since=Now())
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as ear:
        for worker in Worker.objects.all():
            ear.execute(f"LISTEN {work_channel(worker.id, is_concurrent=is_concurrent)}")

        for _ in range(8):
            engine.submit(action, **params)

        heard = [one.channel for one in ear.notifies(timeout=5, stop_after=8)]
    assert heard == [work_channel(engine.worker_id, is_concurrent=is_concurrent)] * 8
