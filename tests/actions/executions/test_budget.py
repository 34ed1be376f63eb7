"""No attempt begins after the retry budget, however long it had to wait for a worker."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from actions import executions
from actions.executions.concurrent import settle_and_claim
from actions.executions.perform import first_claim
from actions.models import Attempt, Execution, ExecutionEvent, IdempotencyRecord, Limit
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER, Engine

LANES = ["probe-budget-inside", "probe-budget-outside", "probe-budget-beside"]
DECISION = "the retry budget of 60 s is used up before the next attempt could begin"


def fail_once(engine: Engine, action: str, *, key: str | None = None) -> Execution:
    """Submit one, and run its first attempt."""
    execution = engine.submit(action, key=key)
    if action.endswith("beside"):
        endings = engine.await_all(settle_and_claim([], bench=engine.loop, room=1))
        settle_and_claim(endings, bench=engine.loop, room=0)
    else:
        engine.step()
    execution.refresh_from_db()
    assert (execution.status, execution.attempt_count) == ("retrying", 1)
    return execution


def come_back_after(seconds: float) -> None:
    """As if the workers had been away for so long."""
    ago = timedelta(seconds=seconds)
    Execution.objects.update(first_started_at=F("first_started_at") - ago, run_at=F("run_at") - ago)


@pytest.mark.parametrize("action", LANES)
def test_what_comes_to_its_turn_after_the_budget_ends_as_its_last_attempt_did(engine, action):
    execution = fail_once(engine, action, key="k")
    error = execution.error

    come_back_after(61)
    engine.drain()

    execution.refresh_from_db()
    assert (execution.status, execution.attempt_count) == ("failed", 1)
    assert (execution.error, execution.error_code) == (error, "not_yet")
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.decision) == ("failed", DECISION)
    assert attempt.delay_seconds is None
    assert execution.started_at == attempt.started_at
    last = ExecutionEvent.objects.order_by("seq").last()
    assert last.type == "failed"
    assert last.data == {"code": "not_yet", "message": "not yet", "reason": DECISION}
    assert IdempotencyRecord.objects.get().expires_at is not None
    assert broken_promises() == []


@pytest.mark.parametrize("action", LANES)
def test_what_comes_to_its_turn_within_the_budget_is_tried_again(engine, action):
    execution = fail_once(engine, action)

    come_back_after(50)
    engine.drain()

    execution.refresh_from_db()
    assert execution.attempt_count == 5


def test_one_that_is_too_late_takes_nothing_of_its_rate_and_harms_no_neighbour(engine):
    late = fail_once(engine, "probe-budget-inside")
    come_back_after(61)
    Limit.objects.update(free_at=Now())
    mark = engine.submit("probe-mark", name="beside")

    engine.drain()

    late.refresh_from_db()
    mark.refresh_from_db()
    assert (late.status, mark.status) == ("failed", "succeeded")
    assert Limit.objects.filter(free_at__lte=Now()).exists()


def test_one_that_somebody_cancels_when_it_is_too_late_is_cancelled(engine):
    execution = fail_once(engine, "probe-budget-outside")
    come_back_after(61)
    group = first_claim(engine.bench)
    executions.cancel(execution_id=execution.id, by=TESTER)

    executions.perform(group, bench=engine.bench)

    execution.refresh_from_db()
    assert (execution.status, execution.attempt_count) == ("cancelled", 1)
    assert broken_promises() == []
