"""What may run at once, and what may begin in a while."""

from datetime import timedelta
from functools import partial

from django.db.models.functions import Now

from actions import executions
from actions.executions import counters, workers
from actions.executions.concurrent import settle_and_claim
from actions.executions.perform import first_claim
from actions.executions.settle import give_back
from actions.models import Execution, Limit, Worker
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER, Engine


def blocked() -> list[str]:
    return sorted(Execution.objects.exclude(blocked_on="").values_list("blocked_on", flat=True))


def test_as_many_run_at_once_as_are_allowed(engine):
    for _ in range(5):
        engine.submit("probe-two-at-once")

    taken = settle_and_claim([], bench=engine.loop, room=50)

    assert len(taken) == 2
    assert blocked() == ["concurrency:probe-two-at-once"] * 3
    assert settle_and_claim([], bench=engine.loop, room=50) == []
    assert broken_promises() == []


def test_whoever_ends_calls_the_next(engine):
    for _ in range(5):
        engine.submit("probe-two-at-once")

    assert engine.drain_loop() == 5

    assert Limit.objects.get().taken == 0
    assert blocked() == []
    assert set(Execution.objects.values_list("status", flat=True)) == {"succeeded"}


def test_a_limit_per_param_counts_each_value_by_itself(engine):
    for customer in ("a", "a", "b"):
        engine.submit("probe-one-per-customer", customer=customer)

    first, second = first_claim(engine.bench), first_claim(engine.bench)

    assert [one.params["customer"] for one in (*first, *second)] == ["a", "b"]
    assert first_claim(engine.bench) == []
    assert blocked() == ['concurrency:probe-one-per-customer{"customer": "a"}']


def test_the_next_is_the_one_that_is_first_in_order(engine):
    first, second, third = (engine.submit("probe-one-per-customer", customer="a") for _ in range(3))
    Execution.objects.filter(id=third.id).update(priority=5)
    group = first_claim(engine.bench)
    assert [one.id for one in group] == [third.id]
    assert first_claim(engine.bench) == []

    executions.perform(group, bench=engine.bench)

    assert [one.id for one in first_claim(engine.bench)] == [first.id]
    assert Execution.objects.get(id=second.id).blocked_on


def test_a_blocked_head_keeps_nobody_else_waiting(engine):
    for _ in range(100):
        engine.submit("probe-one-per-customer", customer="a")
    engine.submit("probe-nothing")
    assert len(first_claim(engine.bench)) == 1

    claims = (first_claim(engine.bench) for _ in range(20))
    seen = next(filter(None, claims))
    assert [one.action for one in seen] == ["probe-nothing"]


def test_a_failed_attempt_gives_its_place_back_while_it_waits(engine):
    execution = engine.submit("probe-one-per-customer", customer="a")
    following = engine.submit("probe-one-per-customer", customer="a")
    first_claim(engine.bench)
    assert first_claim(engine.bench) == []
    dead = Engine()
    Execution.objects.filter(id=execution.id).update(worker_id=dead.worker_id)
    expire(dead)

    executions.reap()

    assert Limit.objects.get().taken == 0
    following.refresh_from_db()
    assert following.blocked_on == ""


def expire(worker: Engine) -> None:
    Worker.objects.filter(id=worker.worker_id).update(lease_until=Now() - timedelta(seconds=1))


def test_a_cancelled_one_that_was_blocked_is_out_of_the_way(engine):
    one, two, three = (engine.submit("probe-one-per-customer", customer="a") for _ in range(3))
    group = first_claim(engine.bench)
    assert first_claim(engine.bench) == []
    executions.cancel(execution_id=two.id, by=TESTER)

    executions.perform(group, bench=engine.bench)

    assert one.id == group[0].id
    assert [claimed.id for claimed in first_claim(engine.bench)] == [three.id]


def test_a_rate_lets_through_its_pace_and_says_when_the_next_is_due(engine):
    for _ in range(6):
        engine.submit("probe-paced")

    begun = 0
    while group := first_claim(engine.bench):
        begun += len(executions.perform(group, bench=engine.bench, may_claim=False).group) + 1

    assert begun == 1
    assert set(blocked()) == {"rate:probe-paced"}
    assert 0 < workers.seconds_to_next_due(engine.bench.claimant) <= 2


def test_each_time_that_the_rate_allows_it_the_next_one_is_called(engine):
    for _ in range(3):
        engine.submit("probe-paced")

    for done in (1, 2, 3):
        engine.drain()
        assert Execution.objects.filter(status="succeeded").count() == done
        minute_ago = Now() - timedelta(minutes=1)
        Limit.objects.update(free_at=minute_ago, wakes_at=minute_ago)
        engine.drain()

    assert blocked() == []


def let_the_rate_go_on() -> None:
    """As if the rate's time had passed."""
    past = Now() - timedelta(hours=2)
    Limit.objects.filter(seconds__isnull=False).update(free_at=past, wakes_at=past)


def test_what_a_rate_allows_and_its_taker_cannot_use_is_passed_on(engine):
    """All wait for the rate; it calls the second of a customer whose first runs still."""
    submit = partial(engine.submit, "probe-paced-per-customer")
    first, running, busy, free = [submit(customer=one) for one in ("x", "a", "a", "c")]
    engine.drain()
    let_the_rate_go_on()
    assert [one.id for one in first_claim(engine.bench) or first_claim(engine.bench)] == [
        running.id
    ]
    let_the_rate_go_on()

    claimed = first_claim(engine.bench) or first_claim(engine.bench)

    assert [one.id for one in claimed] == [free.id]
    busy.refresh_from_db()
    assert busy.blocked_on.startswith("concurrency:")
    first.refresh_from_db()
    assert first.status == "succeeded"


def test_a_place_under_a_rate_comes_back_with_who_never_began(engine):
    engine.submit("probe-paced-per-customer", customer="a")
    following = engine.submit("probe-paced-per-customer", customer="b")
    group = first_claim(engine.bench)
    assert first_claim(engine.bench) == []

    give_back([group[0].id], engine.bench.claimant, reason="its worker is leaving")

    claims = (first_claim(engine.bench) for _ in range(5))
    claimed = next(filter(None, claims))
    assert {claimed[0].id} <= {group[0].id, following.id}


def test_a_counter_that_is_wrong_is_corrected_and_the_next_one_called(engine):
    engine.submit("probe-one-per-customer", customer="a")
    engine.submit("probe-one-per-customer", customer="a")
    engine.drain()
    Execution.objects.update(status="queued", finished_at=None, result=None)
    name = 'concurrency:probe-one-per-customer{"customer": "a"}'
    Limit.objects.update(taken=1)
    Execution.objects.update(blocked_on=name)
    assert any("counter" in breach.promise for breach in broken_promises())

    counters.heal()

    assert Limit.objects.get().taken == 0
    assert blocked() == [name]


def test_a_counter_that_nobody_used_for_a_day_is_forgotten(engine):
    engine.run("probe-one-per-customer", customer="a")
    engine.run("probe-paced")
    Limit.objects.filter(seconds__isnull=False).update(free_at=Now() - timedelta(hours=1))

    counters.forget_unused()

    assert list(Limit.objects.values_list("name", flat=True)) == ["rate:probe-paced"]


def test_what_is_blocked_by_nothing_is_freed(engine):
    execution = engine.submit("probe-echo", value=1)
    Execution.objects.update(blocked_on="nothing")
    assert first_claim(engine.bench) == []

    counters.heal()

    assert [one.id for one in first_claim(engine.bench)] == [execution.id]
