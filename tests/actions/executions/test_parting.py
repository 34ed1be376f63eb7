"""What a worker that leaves has in hand: returned if it has not begun, counted if it has."""

import asyncio
import threading
from importlib import import_module

import pytest
from django.db.models.functions import Now

from actions import executions
from actions.executions.attempts import run_on_loop
from actions.executions.concurrent import settle_and_claim
from actions.executions.parting import part_with, shut
from actions.executions.perform import first_claim, perform
from actions.executions.settle import Ending
from actions.models import Attempt, Execution, ExecutionEvent
from actions.promises import broken_promises
from actions.settlement import succeeded
from tests.fixtures.engine import TESTER, Engine
from tests.probe.models import Mark


def leave_after_one_turn(worker: Engine) -> None:
    """Claim, run once, and leave with what is then in hand."""
    turn = perform(first_claim(worker.bench), bench=worker.bench)
    part_with(turn.group, bench=worker.bench)


def due_now() -> None:
    Execution.objects.filter(status="retrying").update(run_at=Now())


def test_an_attempt_that_broke_its_transaction_counts_though_its_worker_leaves(engine):
    execution = engine.submit("probe-cut", name="never")

    for _ in range(3):
        due_now()
        leave_after_one_turn(Engine())

    execution.refresh_from_db()
    assert (execution.status, execution.attempt_count) == ("failed", 3)
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {"lost"}
    assert "had to leave" in execution.error["message"]
    assert first_claim(engine.bench) == []
    assert not Mark.objects.exists()
    assert broken_promises() == []


def test_what_was_decided_before_the_worker_leaves_is_settled(engine):
    execution = engine.submit("probe-sleep", seconds=30)
    worker = Engine()
    group = first_claim(worker.bench)
    worker.bench.suspects = {execution.id: 0}
    worker.bench.decided[execution.id] = Ending(claim=group[0], settlement=succeeded("7"))

    part_with(group, bench=worker.bench)

    execution.refresh_from_db()
    assert (execution.status, execution.result) == ("succeeded", 7)


def test_neighbours_whose_transaction_failed_are_not_charged(engine, monkeypatch):
    # However slow the machine is, the three share a transaction.
    monkeypatch.setattr(import_module("actions.executions.perform"), "GROUP_SECONDS", 60.0)
    for _ in range(3):
        engine.bench.quickness.saw("probe-mark", 0.0)
        engine.bench.quickness.saw("probe-cut", 0.0)
    engine.submit("probe-mark", name="before")
    engine.submit("probe-cut", name="never")
    engine.submit("probe-mark", name="after")

    leave_after_one_turn(engine)

    rows = Execution.objects.values_list("status", "attempt_count", "loss_count")
    assert set(rows) == {("queued", 0, 1)}
    assert broken_promises() == []


def test_what_has_not_begun_is_returned_as_it_was(engine):
    engine.submit("probe-mark", name="one")

    part_with(first_claim(engine.bench), bench=engine.bench)

    rows = Execution.objects.values_list("status", "attempt_count", "loss_count")
    assert list(rows) == [("queued", 0, 0)]


@pytest.mark.parametrize("key", [None, "k"])
def test_what_is_returned_although_it_was_to_be_cancelled_has_ended(engine, key):
    execution = engine.submit("probe-mark", name="one", key=key)
    group = first_claim(engine.bench)
    executions.cancel(execution_id=execution.id, by=TESTER)

    part_with(group, bench=engine.bench)

    execution.refresh_from_db()
    assert execution.status == "cancelled"
    assert first_claim(engine.bench) == []
    assert ExecutionEvent.objects.filter(type="cancelled").count() == 1
    assert broken_promises() == []


def test_a_block_that_was_left_open_is_the_failure_of_who_left_it(engine):
    for _ in range(3):
        engine.bench.quickness.saw("probe-mark", 0.0)
        engine.bench.quickness.saw("probe-open-block", 0.0)
    engine.submit("probe-mark", name="before")
    left = engine.submit("probe-open-block", name="never")
    engine.submit("probe-mark", name="after")

    engine.drain()

    left.refresh_from_db()
    assert (left.status, left.error_code) == ("failed", "transaction_left_open")
    assert set(Mark.objects.values_list("name", flat=True)) == {"before", "after"}
    assert set(Attempt.objects.values_list("number", flat=True)) == {1}


def test_a_worker_that_ends_itself_returns_what_has_not_begun_and_nothing_else(engine):
    begun, waiting = engine.submit("probe-nap", seconds=0), engine.submit("probe-nap", seconds=0)
    ready = settle_and_claim([], bench=engine.loop, room=2)
    (first,) = [one for one in ready if one.claim.id == begun.id]
    asyncio.run(run_on_loop(first, bench=engine.loop))

    shut(engine.bench)

    rows = dict(Execution.objects.values_list("id", "status"))
    assert rows == {begun.id: "running", waiting.id: "queued"}
    waiting.refresh_from_db()
    assert (waiting.attempt_count, waiting.crash_count, waiting.loss_count) == (0, 0, 0)
    assert Attempt.objects.filter(execution=waiting).count() == 0
    assert broken_promises() == []


def test_nothing_begins_in_a_worker_that_ends_itself(engine):
    engine.submit("probe-nap", seconds=0)
    (ready,) = settle_and_claim([], bench=engine.loop, room=1)
    shut(engine.bench)

    body = threading.Thread(
        target=lambda: asyncio.run(run_on_loop(ready, bench=engine.loop)), daemon=True
    )
    body.start()
    body.join(timeout=0.2)

    assert body.is_alive()
    assert engine.loop.running == {}
    engine.submit("probe-nothing")
    assert first_claim(engine.bench) == []
