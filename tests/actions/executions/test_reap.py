"""Recovering from workers that died."""

import pytest
from django.db import connection, transaction

from actions import executions
from actions.executions import workers
from actions.executions.concurrent import settle_and_claim
from actions.executions.perform import first_claim, first_suspect
from actions.executions.settle import Ending, StaleAttempts, give_back, settle
from actions.models import Attempt, Execution, ExecutionEvent, Worker
from actions.promises import broken_promises
from actions.settlement import succeeded
from tests.fixtures.engine import Engine


def die(engine: Engine) -> None:
    """Let the worker's lease run out; its session is not ours to end here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE actions_worker SET lease_until = clock_timestamp() - interval '1 s', "
            "backend_pid = 0 WHERE id = %s",
            [engine.worker_id],
        )


def test_what_a_dead_worker_held_is_retried_and_its_attempt_counts(engine):
    execution = engine.submit("probe-mark", name="one")
    first_claim(engine.bench)
    die(engine)

    reaped = executions.reap()

    execution.refresh_from_db()
    assert [one.held_count for one in reaped] == [1]
    assert execution.status == "retrying"
    assert execution.worker_id is None
    attempt = Attempt.objects.get(execution=execution)
    assert (attempt.outcome, attempt.error["code"]) == ("lost", "worker_lost")
    assert Worker.objects.get(id=engine.worker_id).state == "dead"


def test_an_external_action_that_may_not_be_repeated_fails_with_its_outcome_unknown(engine):
    execution = engine.submit("probe-decline")
    first_claim(engine.bench)
    die(engine)

    executions.reap()

    execution.refresh_from_db()
    assert execution.status == "failed"
    assert execution.error["code"] == "worker_lost"
    assert execution.error["outcome"] == "unknown"


def test_an_action_that_kills_its_workers_ends_as_a_crash_loop(engine, wait_until):
    execution = engine.submit("probe-repeatable")

    def lose_one() -> bool:
        worker = Engine()
        held = worker.claim()
        die(worker)
        executions.reap()
        execution.refresh_from_db()
        return bool(held) and execution.is_terminal

    wait_until(lose_one, what="the crash loop")

    assert execution.error["code"] == "crash_loop"
    assert execution.crash_count == 3
    assert Attempt.objects.filter(execution=execution, outcome="lost").count() == 3


def test_a_worker_within_its_lease_is_left_alone(engine):
    engine.submit("probe-mark", name="one")
    first_claim(engine.bench)

    assert executions.reap() == []


def test_a_worker_that_lost_its_lease_cannot_settle(engine):
    execution = engine.submit("probe-mark", name="one")
    claimed = first_claim(engine.bench)
    die(engine)
    executions.reap()

    late = Ending(claim=claimed[0], settlement=succeeded('"late"'))
    with pytest.raises(StaleAttempts), transaction.atomic():
        settle([late], engine.bench.claimant)

    execution.refresh_from_db()
    assert execution.status == "retrying"
    assert execution.result is None
    assert not workers.beat(engine.worker_id)


def test_what_was_never_begun_is_given_back_uncounted(engine):
    execution = engine.submit("probe-mark", name="one")
    claimed = first_claim(engine.bench)

    give_back([one.id for one in claimed], engine.bench.claimant, reason="it leaves")

    execution.refresh_from_db()
    assert (execution.status, execution.attempt_count) == ("queued", 0)
    assert not Attempt.objects.exists()
    engine.drain()
    execution.refresh_from_db()
    assert (execution.status, execution.attempt_count) == ("succeeded", 1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE actions_executionevent SET type = 'failed'",
        "DELETE FROM actions_executionevent",
        "TRUNCATE actions_executionevent",
    ],
)
def test_the_log_refuses_to_be_changed(engine, statement):
    engine.submit("probe-nothing")

    with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)

    assert ExecutionEvent.objects.count() == 2


def test_the_database_refuses_a_running_execution_that_nobody_holds(engine):
    execution = engine.submit("probe-nothing")

    with pytest.raises(Exception, match="execution_is_held_exactly_while_running"):
        Execution.objects.filter(id=execution.id).update(status="running")


@pytest.mark.parametrize("action", ["probe-repeatable", "probe-fetch"])
def test_what_keeps_losing_its_workers_is_out_of_the_queue_and_run_by_itself(engine, action):
    params = {"word": "x"} if action == "probe-fetch" else {}
    execution = engine.submit(action, **params)
    Execution.objects.filter(id=execution.id).update(loss_count=2)

    assert first_claim(engine.bench) == []
    assert settle_and_claim([], bench=engine.loop, room=5) == []
    assert engine.bench.suspects_wait
    assert [one.id for one in first_suspect(engine.bench)] == [execution.id]


def test_several_that_shared_a_transaction_are_not_charged_for_the_death_of_their_worker(engine):
    for number in range(4):
        engine.run("probe-mark", name=f"quick {number}")
    group = [engine.submit("probe-mark", name=str(number)) for number in range(3)]
    dying = Engine()
    dying.bench.quickness = engine.bench.quickness
    assert len(first_claim(dying.bench)) == 3

    die(dying)
    executions.reap()

    again = Execution.objects.filter(id__in=[one.id for one in group])
    assert set(again.values_list("status", "attempt_count", "loss_count", "crash_count")) == {
        ("queued", 0, 1, 0)
    }
    assert len(first_claim(engine.bench)) == 1
    assert broken_promises() == []
