"""Stopping what waits, and refusing to stop what has ended."""

import pytest

from actions import errors, executions
from actions.ids import new_id
from actions.models import Execution, ExecutionEvent, IdempotencyRecord
from tests.fixtures.engine import TESTER
from tests.probe.models import Mark


def test_what_waits_is_cancelled_at_once_and_never_runs(engine):
    execution = engine.submit("probe-mark", name="never", key="k")

    cancelled = executions.cancel(execution_id=execution.id, by=TESTER, reason="a mistake")
    engine.drain()

    assert cancelled.status == "cancelled"
    assert cancelled.finished_at is not None
    assert Mark.objects.count() == 0
    event = ExecutionEvent.objects.get(type="cancelled")
    assert (event.actor_label, event.data) == ("tester", {"reason": "a mistake"})
    assert IdempotencyRecord.objects.get().expires_at is not None


def test_what_has_ended_cannot_be_cancelled(engine):
    execution = engine.run("probe-mark", name="done")

    with pytest.raises(errors.NotCancellable, match="already ended as succeeded"):
        executions.cancel(execution_id=execution.id, by=TESTER)


def test_what_is_not_there_cannot_be_cancelled(engine):
    with pytest.raises(errors.ExecutionNotFound):
        executions.cancel(execution_id=new_id(), by=TESTER)


def test_a_cancel_while_the_next_attempt_is_awaited_ends_it(engine):
    execution = engine.run_once("probe-flaky", name="again", fail_times=2)
    assert execution.status == "retrying"

    cancelled = executions.cancel(execution_id=execution.id, by=TESTER)

    assert cancelled.status == "cancelled"
    assert Execution.objects.get(id=execution.id).error["code"] == "not_yet"
