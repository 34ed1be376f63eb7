"""A worker that was declared dead and has not noticed yet."""

from datetime import timedelta

from django.db.models.functions import Now

from actions import executions
from actions.executions.perform import first_claim
from actions.models import Execution, Worker
from actions.promises import broken_promises
from tests.fixtures.engine import Engine
from tests.fixtures.waiting import wait_until
from tests.probe.models import Mark


def test_what_a_worker_claims_after_it_was_declared_dead_is_not_stuck(engine):
    engine.submit("probe-book", name="one")
    Worker.objects.update(lease_until=Now() - timedelta(seconds=1))
    executions.reap()

    first_claim(engine.bench)

    other, row = Engine(), Execution.objects.filter(status="succeeded")
    wait_until(lambda: (executions.reap(), other.drain(), row.exists())[-1], what="its end")
    assert row.count() == Mark.objects.count() == 1
    assert broken_promises() == []
