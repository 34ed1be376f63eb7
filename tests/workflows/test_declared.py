"""Declarative actions in real workers."""

import pytest

from actions import definitions, vault
from actions.models import Execution
from tests.actions.test_declared import document
from tests.fixtures.engine import TESTER
from tests.fixtures.waiting import wait_until
from tests.workflows.test_worker import ended, submit

pytestmark = pytest.mark.usefixtures("catalogue")


def test_a_running_worker_takes_an_action_that_was_defined_after_its_start(qcluster, service):
    vault.set_secret("sandbox-token", "hunter2", by=TESTER)
    qcluster(workers=1, env={"ACTIONSITE_EGRESS_ALLOW": f"127.0.0.1:{service.port}"})
    first = submit("probe-echo", value=1)
    wait_until(lambda: ended(first), what="a worker that works")

    definitions.define("make-sandbox", document(service), by=TESTER)
    execution = submit("make-sandbox", userId="usr_1")

    wait_until(lambda: ended(execution), what="its end")
    assert execution.result == {"sandboxId": "sbx_1"}


def test_many_calls_wait_side_by_side(qcluster, service):
    vault.set_secret("sandbox-token", "hunter2", by=TESTER)
    definitions.define("make-sandbox", document(service), by=TESTER)
    service.gate.clear()
    qcluster(workers=1, env={"ACTIONSITE_EGRESS_ALLOW": f"127.0.0.1:{service.port}"})
    for number in range(10):
        submit("make-sandbox", userId=f"usr_{number}")

    wait_until(lambda: len(service.seen) == 10, what="ten calls at a time")
    service.gate.set()

    done = Execution.objects.filter(status="succeeded")
    wait_until(lambda: done.count() == 10, what="all ends")
    assert len(service.seen) == 10
