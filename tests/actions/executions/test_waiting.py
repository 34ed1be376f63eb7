"""Why an execution is not running, from the rows alone."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from actions import registry
from actions.executions.perform import first_claim
from actions.executions.waiting import why_waiting
from actions.models import Execution, Limit, Worker
from tests.fixtures.engine import Engine


def reason(execution: Execution) -> tuple[str, str]:
    found = why_waiting(Execution.objects.get(id=execution.id))
    return found.reason, found.sentence


@pytest.fixture
def worker(engine):
    """The engine's worker, as a real one stands in its row."""
    Worker.objects.update(actions=list(registry.all_specs()))
    return Worker.objects.all()


def test_what_runs_or_has_ended_does_not_wait(engine, worker):
    running = engine.submit("probe-nothing")
    first_claim(engine.bench)
    ended = engine.run("probe-nothing")

    assert why_waiting(Execution.objects.get(id=running.id)) is None
    assert why_waiting(ended) is None


def test_nobody_is_alive(engine, worker):
    execution = engine.submit("probe-nothing")
    worker.update(lease_until=Now() - timedelta(hours=1))

    code, sentence = reason(execution)

    assert code == "no_worker"
    assert "was last heard of at" in sentence
    assert "manage.py qcluster" in sentence


def test_nobody_serves_its_queue(engine, worker):
    execution = engine.submit("probe-elsewhere")
    worker.update(queues=["default"])

    assert reason(execution)[0] == "queue_not_served"


def test_nobody_has_the_code_of_its_action(engine, worker):
    execution = engine.submit("probe-nothing")
    worker.update(actions=["another"])

    code, sentence = reason(execution)

    assert code == "action_missing"
    assert "has the code of probe-nothing" in sentence


def test_it_is_not_due_yet(engine, worker):
    execution = engine.submit("probe-nothing")
    Execution.objects.filter(id=execution.id).update(run_at=Now() + timedelta(minutes=5))

    code, sentence = reason(execution)

    assert code == "not_due"
    assert "It is due at" in sentence


def test_others_have_their_turn_first(engine, worker):
    engine.submit("probe-nothing")
    engine.submit("probe-urgent")
    execution = engine.submit("probe-nothing")

    assert reason(execution) == (
        "turn",
        "2 are ahead of it; the only worker of the queue default is busy.",
    )


def submit_elsewhere(engine, count: int, *, priority: int = 0) -> None:
    for _ in range(count):
        execution = engine.submit("probe-elsewhere")
        Execution.objects.filter(id=execution.id).update(priority=priority)


def test_a_higher_priority_in_another_queue_is_ahead_too(engine, worker):
    submit_elsewhere(engine, 40, priority=50)
    execution = engine.submit("probe-nothing")

    assert reason(execution)[1].startswith("40 are ahead of it;")


def test_queues_of_one_priority_are_said_to_take_turns(engine, worker):
    submit_elsewhere(engine, 3)
    execution = engine.submit("probe-nothing")

    assert reason(execution)[1].startswith("It is next, and 3 of other queues take turns with it;")


def test_what_no_claim_would_take_before_it_is_not_ahead(engine, worker):
    submit_elsewhere(engine, 3, priority=50)
    execution = engine.submit("probe-nothing")
    worker.update(queues=["default"])

    assert reason(execution)[1].startswith("It is next;")


def test_with_several_workers_only_what_each_would_take_before_it_is_ahead(engine, worker):
    engine.submit("probe-urgent")
    submit_elsewhere(engine, 3, priority=50)
    execution = engine.submit("probe-nothing")
    Engine()
    Worker.objects.exclude(id=engine.worker_id).update(queues=["default"])

    assert reason(execution)[1].startswith("1 is ahead of it;")


def test_the_claim_takes_first_just_what_was_said_to_be_ahead(engine, worker):
    submit_elsewhere(engine, 2, priority=50)
    for action in ("probe-nothing", "probe-urgent", "probe-patient"):
        engine.submit(action)
    execution = engine.submit("probe-nothing")

    assert reason(execution)[1].startswith("4 are ahead of it;")
    order = [first_claim(engine.bench)[0].id for _ in range(6)]
    assert order.index(execution.id) == 4


def test_another_one_holds_its_place_under_a_limit(engine, worker):
    holder = engine.submit("probe-one-per-customer", customer="a")
    before = engine.submit("probe-one-per-customer", customer="a")
    execution = engine.submit("probe-one-per-customer", customer="a")
    while first_claim(engine.bench):
        pass

    found = why_waiting(Execution.objects.get(id=execution.id))

    assert found.reason == "limit"
    assert found.held_by == (holder.shown_id,)
    assert found.sentence == (
        "probe-one-per-customer with this customer runs 1 at a time, "
        f"held by {holder.shown_id}; 1 is ahead of it."
    )
    assert before.shown_id not in found.sentence


def test_a_rate_says_when_the_next_may_begin_and_who_is_before_it(engine, worker):
    _, second, third = [engine.submit("probe-paced") for _ in range(3)]
    engine.drain()

    code, sentence = reason(second)

    assert code == "limit"
    assert "probe-paced begins 30 times in 60 s; the next may at" in sentence
    assert sentence.endswith("UTC; it is next.")
    assert reason(third)[1].endswith("UTC; 1 is ahead of it.")


def test_one_that_keeps_losing_workers_waits_to_be_alone(engine, worker):
    blamed, first, execution = [engine.submit("probe-nothing") for _ in range(3)]
    engine.submit("probe-nothing")
    Execution.objects.update(loss_count=2)
    Execution.objects.filter(id=blamed.id).update(crash_count=1, run_at=Now())

    code, sentence = reason(execution)

    assert code == "isolation"
    assert sentence.startswith("Its workers have died 2 times, so it is begun apart: ")
    assert sentence.endswith("; 2 are ahead of it.")
    assert reason(first)[1].endswith("; 1 is ahead of it.")


def test_a_rate_whose_time_has_come_says_so(engine, worker):
    _, second = [engine.submit("probe-paced") for _ in range(2)]
    engine.drain()
    Limit.objects.update(wakes_at=Now() - timedelta(seconds=1))

    assert reason(second)[1] == (
        "probe-paced begins 30 times in 60 s; the next may now; it is next."
    )
