"""Runs that share the places of a concurrency key."""

import threading

import pytest
from django.db import connection

from actions import executions
from actions.errors import ParamsInvalid
from actions.executions.perform import first_claim
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER
from workflows import definitions, runs
from workflows.errors import ConcurrencyKeyHeld
from workflows.models import Run, RunEvent
from workflows.runs.reruns import RerunWish

ASK = {"ask": {"approval": {"message": "May I?"}}}


@pytest.fixture
def keyed(stage):
    """Publish a workflow whose runs share places by `customer`, and start some of them."""

    class Keyed:
        def publish(self, on_conflict="queue", limit=1, steps=None, **rest):
            key = {"key": "params.customer", "limit": limit, "on_conflict": on_conflict}
            self.version = stage.publish(steps or ASK, concurrency_key=key, **rest)

        def start(self, customer="a"):
            params = {"customer": customer}
            run = runs.start(version=self.version, params=params, by=TESTER)
            return stage.go_on(run)

        def start_many(self, count):
            return [self.start() for _ in range(count)]

        def answer(self, run):
            runs.answer(run_id=run.id, step="ask", decision="approved", by=TESTER)
            return stage.go_on(run)

        def statuses(self):
            assert broken_promises() == []
            return list(Run.objects.order_by("id").values_list("status", flat=True))

    return Keyed()


def test_one_run_of_a_key_goes_on_and_the_others_follow_in_order(keyed):
    keyed.publish()
    first, second, _ = keyed.start_many(3)
    assert keyed.statuses() == ["waiting", "queued", "queued"]
    assert (second.reason, second.started_at) == ("concurrency_key", None)

    keyed.answer(first)
    assert keyed.statuses() == ["succeeded", "waiting", "queued"]

    keyed.answer(second)
    assert keyed.statuses() == ["succeeded", "succeeded", "waiting"]


def test_other_keys_have_places_of_their_own(keyed):
    keyed.publish(limit=2)
    for customer in ("a", "a", "a", "b"):
        keyed.start(customer)

    assert keyed.statuses() == ["waiting", "waiting", "queued", "waiting"]


def test_a_run_that_fails_or_is_cancelled_gives_its_place_back(keyed):
    keyed.publish()
    first, second, _ = keyed.start_many(3)

    runs.cancel(run_id=first.id, by=TESTER)
    keyed.start("other")
    runs.answer(run_id=second.id, step="ask", decision="rejected", by=TESTER)
    keyed.start("other")

    assert keyed.statuses()[:3] == ["cancelled", "failed", "waiting"]


def test_a_queued_run_can_be_cancelled_paused_and_resumed(keyed):
    keyed.publish()
    first, second, third = keyed.start_many(3)
    runs.pause(run_id=third.id, by=TESTER)
    runs.cancel(run_id=second.id, by=TESTER)
    assert keyed.statuses() == ["waiting", "cancelled", "queued"]

    keyed.answer(first)
    assert keyed.statuses() == ["succeeded", "cancelled", "paused"]

    runs.resume(run_id=third.id, by=TESTER)
    assert keyed.answer(third).status == "succeeded"


def test_the_older_ones_are_cancelled_for_the_newest_where_the_workflow_says_so(keyed):
    keyed.publish("cancel")
    first, second, _ = keyed.start_many(3)

    assert keyed.statuses() == ["cancelled", "cancelled", "waiting"]
    asked = RunEvent.objects.of(first.id).get(type="cancel_requested")
    assert asked.actor_id == second.shown_id
    assert asked.data["reason"] == f"{second.shown_id} came with the same concurrency key, a."


def test_the_newest_waits_until_what_it_has_cancelled_has_ended(keyed, stage):
    keyed.publish("cancel", steps={"work": {"action": "probe-nothing"}})
    runs.start(version=keyed.version, params={"customer": "a"}, by=TESTER)
    stage.engine.step()
    in_hand = first_claim(stage.engine.bench)
    assert [one.action for one in in_hand] == ["probe-nothing"]

    runs.start(version=keyed.version, params={"customer": "a"}, by=TESTER)
    stage.engine.drain()
    assert keyed.statuses() == ["cancelling", "queued"]

    executions.perform(in_hand, bench=stage.engine.bench, may_claim=False)
    stage.engine.drain()
    assert keyed.statuses() == ["cancelled", "succeeded"]


def test_a_start_is_refused_where_the_workflow_says_so_and_nothing_is_stored(keyed):
    keyed.publish("reject")
    first = keyed.start()

    with pytest.raises(ConcurrencyKeyHeld, match=first.shown_id):
        keyed.start()

    assert keyed.statuses() == ["waiting"]
    keyed.answer(first)
    assert keyed.start().status == "waiting"


def test_a_refused_start_uses_up_no_idempotency_key(keyed):
    keyed.publish("reject")
    first = keyed.start()
    asked = {"workflow": "under-test", "params": {"customer": "a"}, "by": TESTER, "key": "k"}
    with pytest.raises(ConcurrencyKeyHeld):
        runs.submit(**asked)

    keyed.answer(first)
    made = runs.submit(**asked)

    assert made.is_new
    assert runs.submit(**asked).held == made.held


@pytest.mark.parametrize("on_conflict", ["queue", "reject"])
def test_starts_that_race_leave_no_more_than_the_places(keyed, stage, on_conflict):
    keyed.publish(on_conflict, limit=2)
    refused = []

    def start():
        try:
            runs.start(version=keyed.version, params={"customer": "a"}, by=TESTER)
        except ConcurrencyKeyHeld:
            refused.append(1)
        finally:
            connection.close()

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stage.engine.drain()

    assert len(refused) == (6 if on_conflict == "reject" else 0)
    assert keyed.statuses().count("waiting") == 2


def test_a_failed_step_is_tried_again_only_while_its_run_can_have_its_place_back(keyed):
    keyed.publish(steps={"ask": ASK["ask"], "fail": {"action": "probe-decline", "after": ["ask"]}})
    first, second = keyed.start_many(2)
    assert keyed.answer(first).status == "failed"

    with pytest.raises(ConcurrencyKeyHeld, match=second.shown_id):
        runs.step_again(run_id=first.id, step="fail", by=TESTER)

    assert keyed.answer(second).status == "failed"
    assert runs.step_again(run_id=first.id, step="fail", by=TESTER).status == "running"


def test_a_rerun_is_queued_like_any_other_run(keyed, stage):
    steps = {"first": {"action": "probe-nothing"}, "ask": ASK["ask"] | {"after": ["first"]}}
    keyed.publish(steps=steps)
    old = keyed.start()
    runs.answer(run_id=old.id, step="ask", decision="rejected", by=TESTER)
    holder = keyed.start()

    wish = RerunWish(run=Run.objects.by_id(old.id), what="from_failed")
    new = runs.rerun(wish, digest=runs.preview(wish).digest, by=TESTER)
    assert stage.go_on(new).status == "queued"
    assert stage.steps(new) == {"first": "reused", "ask": "pending"}

    keyed.answer(holder)
    assert stage.steps(new) == {"first": "reused", "ask": "waiting"}
    assert keyed.statuses() == ["failed", "succeeded", "waiting"]


def test_nothing_is_undone_of_a_rerun_that_was_cancelled_before_it_began(keyed, stage):
    undo = {"action": "probe-nothing", "compensate": {"action": "probe-nothing"}}
    steps = {"first": undo, "ask": ASK["ask"] | {"after": ["first"]}}
    keyed.publish(steps=steps, compensate_after=["cancelled"])
    old = keyed.start()
    runs.answer(run_id=old.id, step="ask", decision="rejected", by=TESTER)
    keyed.start()
    wish = RerunWish(run=Run.objects.by_id(old.id), what="from_failed")
    new = runs.rerun(wish, digest=runs.preview(wish).digest, by=TESTER)

    runs.cancel(run_id=new.id, by=TESTER)

    assert stage.steps(new) == {"first": "reused", "ask": "pending"}
    assert keyed.statuses() == ["failed", "waiting", "cancelled"]


@pytest.mark.parametrize("on_conflict", ["queue", "reject"])
def test_sub_runs_share_the_places_too(stage, on_conflict):
    key = {"key": '"all"', "on_conflict": on_conflict}
    stage.publish(ASK, workflow="inner", concurrency_key=key)
    outer = stage.start(
        {"each": {"map": {"over": "[1, 2]", "workflow": "inner"}}}, workflow="outer"
    )
    inner = list(Run.objects.filter(workflow_name="inner").order_by("id"))

    second = {"queue": "queued", "reject": "failed"}[on_conflict]
    assert [run.status for run in inner] == ["waiting", second]
    assert broken_promises() == []
    for run in inner[: 2 if on_conflict == "queue" else 1]:
        runs.answer(run_id=run.id, step="ask", decision="approved", by=TESTER)
        stage.engine.drain()
    outer = stage.go_on(outer)
    assert outer.status == ("succeeded" if on_conflict == "queue" else "failed")
    assert broken_promises() == []


def test_a_sub_run_that_would_wait_for_the_run_above_it_fails(stage):
    stage.publish({"other": {"action": "probe-nothing"}}, workflow="outer")
    stage.publish({"back": {"workflow": "outer"}}, workflow="inner")
    steps = {"in_": {"workflow": "inner"}}
    document = {"workflow": "outer", "steps": steps, "concurrency_key": {"key": '"all"'}}
    definitions.save_draft("outer", document, by=TESTER, expected=1)
    version = definitions.publish("outer", by=TESTER).version

    run = stage.go_on(runs.start(version=version, params={}, by=TESTER))

    assert run.status == "failed"
    assert (
        f"{run.shown_id}, of which this is a step, has the concurrency key all"
        in (run.error["message"])
    )


def test_a_key_that_is_no_text_refuses_the_start(keyed):
    keyed.publish()

    with pytest.raises(ParamsInvalid, match="concurrency key"):
        keyed.start({"not": "a text"})


def test_the_time_of_a_run_does_not_pass_while_it_is_queued(keyed, stage):
    keyed.publish(timeout=0.2)
    first, second = keyed.start_many(2)

    assert stage.until(first, "failed").error["code"] == "timeout"
    second = stage.until(second, "failed")
    assert second.started_at >= Run.objects.get(id=first.id).finished_at
