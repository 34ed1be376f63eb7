"""Recovering from workers that died."""

from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from actions import executions
from actions.executions import workers
from actions.executions.bench import Live
from actions.executions.concurrent import settle_and_claim
from actions.executions.perform import first_claim
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
        held = first_claim(worker.bench)
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


def lose_twice(execution: Execution) -> None:
    """Make it one that keeps losing its workers."""
    Execution.objects.filter(id=execution.id).update(loss_count=2)


def test_what_keeps_losing_its_workers_is_begun_where_nothing_else_runs(engine):
    suspect, another = engine.submit("probe-repeatable"), engine.submit("probe-repeatable")
    lose_twice(suspect)
    lose_twice(another)

    begun = first_claim(engine.bench)

    assert [one.id for one in begun] == [suspect.id]
    assert begun[0].is_suspect
    engine.submit("probe-nothing")
    assert first_claim(engine.bench) == []


def test_beside_others_it_is_begun_only_after_a_while(engine):
    running = engine.submit("probe-repeatable")
    (claim,) = first_claim(engine.bench)
    engine.bench.running[running.id] = Live(claim=claim, body=engine.bench.body_of(claim))
    suspect = engine.submit("probe-repeatable")
    lose_twice(suspect)

    assert first_claim(engine.bench) == []

    Execution.objects.filter(id=suspect.id).update(run_at=Now() - timedelta(seconds=6))
    assert [one.id for one in first_claim(engine.bench)] == [suspect.id]


def test_a_coroutine_that_keeps_losing_its_workers_is_begun_in_its_own_lane(engine):
    suspect = engine.submit("probe-fetch", word="x")
    lose_twice(suspect)

    assert first_claim(engine.bench) == []
    begun = settle_and_claim([], bench=engine.loop, room=5)
    assert [one.claim.id for one in begun] == [suspect.id]


def test_an_attempt_that_ends_by_itself_clears_of_suspicion(engine):
    execution = engine.submit("probe-flaky", name="again", fail_times=1)
    lose_twice(execution)

    engine.drain()

    execution.refresh_from_db()
    assert (execution.attempt_count, execution.loss_count) == (1, 0)


def test_of_several_one_that_lost_workers_before_is_blamed(engine):
    suspect, bystander = (engine.submit("probe-fetch", word=word) for word in "ab")
    settle_and_claim([], bench=engine.loop, room=5)
    lose_twice(suspect)

    die(engine)
    executions.reap()

    counts = Execution.objects.order_by("id").values_list("loss_count", "crash_count")
    assert list(counts) == [(3, 1), (1, 0)]
    assert bystander.id > suspect.id


def test_who_loses_an_attempt_to_another_is_given_one_more(engine):
    suspect, bystander = (engine.submit("probe-fetch", word=word) for word in "ab")
    Execution.objects.update(max_attempts=1)
    settle_and_claim([], bench=engine.loop, room=5)
    lose_twice(suspect)

    die(engine)
    executions.reap()

    suspect.refresh_from_db()
    assert (suspect.status, suspect.attempt_count, suspect.max_attempts) == ("failed", 1, 1)
    bystander.refresh_from_db()
    assert (bystander.status, bystander.attempt_count, bystander.max_attempts) == ("retrying", 1, 2)
    assert broken_promises() == []


def test_what_may_not_be_repeated_is_given_no_attempt_for_one_that_another_cost_it(engine):
    suspect = engine.submit("probe-fetch", word="a")
    bystander = engine.submit("probe-nap", seconds=0)
    settle_and_claim([], bench=engine.loop, room=5)
    lose_twice(suspect)

    die(engine)
    executions.reap()

    before = bystander.max_attempts
    bystander.refresh_from_db()
    assert (bystander.status, bystander.max_attempts) == ("failed", before)
    assert bystander.error["outcome"] == "unknown"


def test_several_that_shared_a_transaction_are_not_charged_for_the_death_of_their_worker(engine):
    for _ in range(3):
        engine.bench.quickness.saw("probe-mark", 0.0)
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


def test_a_worker_whose_row_says_that_it_is_dead_claims_nothing(engine):
    execution = engine.submit("probe-mark", name="one")
    die(engine)
    executions.reap()

    assert first_claim(engine.bench) == []

    execution.refresh_from_db()
    assert (execution.status, execution.attempt_count) == ("queued", 0)
    Engine().drain()
    execution.refresh_from_db()
    assert execution.status == "succeeded"


def test_a_late_worker_gives_back_nothing_that_another_has_claimed(engine):
    execution = engine.submit("probe-mark", name="one")
    held = first_claim(engine.bench)
    die(engine)
    executions.reap()
    Execution.objects.filter(id=execution.id).update(run_at=Now())
    other = Engine()
    assert [one.id for one in first_claim(other.bench)] == [execution.id]

    give_back([one.id for one in held], engine.bench.claimant, reason="it leaves")

    execution.refresh_from_db()
    assert (execution.status, execution.attempt_count) == ("running", 2)
    assert execution.worker_id == other.worker_id


def test_who_reaps_passes_over_workers_that_another_reaps(engine, cloned_database):
    first, second = Engine(), Engine()
    for one in (first, second):
        die(one)
    with psycopg.connect(cloned_database) as another:
        another.execute("SELECT FROM actions_worker WHERE id = %s FOR UPDATE", [first.worker_id])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")

        reaped = executions.reap()

    assert [one.label for one in reaped] == [second.bench.claimant.label]
    assert Worker.objects.get(id=first.worker_id).state == "alive"
