"""Waits, questions, events, sub-runs; cancel, pause and resume."""

import pytest

from actions.errors import ParamsInvalid
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER
from workflows import runs
from workflows.errors import RunHasEnded, StepNotWaiting
from workflows.models import Run

ASK = {"approval": {"message": "May I?", "form": {"type": "object", "required": ["days"]}}}
PAID = {"event": {"name": "paid", "payload": {"type": "object", "required": ["amount"]}}}


def test_a_wait_lets_the_run_go_on_when_its_time_has_come(stage, echo):
    run = stage.start({"pause": {"wait": {"for": 0.3}}, "after": echo(1, "pause")})

    assert (run.status, run.reason) == ("waiting", "time")
    assert stage.until(run, "succeeded").status == "succeeded"


def test_a_question_waits_for_its_answer_which_those_behind_it_see(stage, echo):
    run = stage.start(
        {"ask": ASK, "after": echo("${{ steps.ask.result.answer.days }}", "ask")},
        result="${{ steps.after.result }}",
    )
    assert (run.status, run.reason) == ("waiting", "approval")

    runs.answer(run_id=run.id, step="ask", decision="approved", by=TESTER, answer={"days": 3})

    assert stage.go_on(run).result == 3


def test_an_answer_that_does_not_fit_the_form_is_refused_and_the_question_stands(stage):
    run = stage.start({"ask": ASK})

    with pytest.raises(ParamsInvalid, match="days"):
        runs.answer(run_id=run.id, step="ask", decision="approved", by=TESTER, answer={})

    assert stage.steps(run) == {"ask": "waiting"}


def test_a_question_is_answered_once(stage):
    run = stage.start({"ask": ASK, "other": ASK})
    runs.answer(run_id=run.id, step="ask", decision="rejected", by=TESTER, comment="No money.")

    with pytest.raises(StepNotWaiting):
        runs.answer(run_id=run.id, step="ask", decision="approved", by=TESTER, answer={"days": 1})


def test_a_rejected_question_fails_the_run_and_says_who_and_why(stage):
    run = stage.start({"ask": ASK})

    runs.answer(run_id=run.id, step="ask", decision="rejected", by=TESTER, comment="No money.")

    run = stage.go_on(run)
    assert run.error["message"] == "Step ask failed: tester rejected it: No money."


@pytest.mark.parametrize(("on_timeout", "status"), [("fail", "failed"), ("continue", "succeeded")])
@pytest.mark.parametrize("kind", ["approval", "event"])
def test_a_step_that_nobody_answers_ends_when_its_time_is_up(stage, kind, on_timeout, status):
    asked = (ASK if kind == "approval" else PAID)[kind] | {"on_timeout": on_timeout}

    run = stage.start({"ask": {kind: asked, "timeout": 0.3}})

    assert stage.until(run, status).status == status


def test_an_event_lets_the_step_go_on_that_waits_for_it(stage, echo):
    run = stage.start(
        {"paid": PAID, "after": echo("${{ steps.paid.result.payload.amount }}", "paid")},
        result="${{ steps.after.result }}",
    )
    assert run.reason == "event"

    runs.send(run_id=run.id, name="paid", payload={"amount": 5}, by=TESTER)

    assert stage.go_on(run).result == 5


def test_an_event_that_comes_early_is_kept_for_the_step_that_will_ask(stage):
    run = stage.start({"ask": ASK, "paid": PAID | {"after": ["ask"]}})
    runs.send(run_id=run.id, name="paid", payload={"amount": 5}, by=TESTER)

    runs.answer(run_id=run.id, step="ask", decision="approved", by=TESTER, answer={"days": 1})

    assert stage.go_on(run).status == "succeeded"


@pytest.mark.parametrize(("name", "payload"), [("unknown", {}), ("paid", {"sum": 5})])
def test_an_event_that_no_step_would_take_is_refused(stage, name, payload):
    run = stage.start({"paid": PAID})

    with pytest.raises(ParamsInvalid):
        runs.send(run_id=run.id, name=name, payload=payload, by=TESTER)


def test_a_cancelled_run_ends_with_all_that_waits_in_it(stage, echo):
    run = stage.start({"ask": ASK, "wait": {"wait": {"for": 60}}, "after": echo(1, "ask", "wait")})

    runs.cancel(run_id=run.id, by=TESTER, reason="Not needed.")

    run = stage.go_on(run)
    assert run.status == "cancelled"
    assert stage.steps(run) == {"ask": "cancelled", "wait": "cancelled", "after": "pending"}
    with pytest.raises(RunHasEnded):
        runs.cancel(run_id=run.id, by=TESTER)


def test_a_paused_run_finishes_what_runs_and_begins_nothing_until_it_is_resumed(stage, echo):
    version = stage.publish({"first": echo(1), "second": echo(2, "first")})
    run = runs.start(version=version, params={}, by=TESTER)
    runs.pause(run_id=run.id, by=TESTER, note="Month end")

    run = stage.go_on(run)
    assert (run.status, run.reason) == ("paused", "paused")
    assert stage.steps(run) == {"first": "succeeded", "second": "waiting"}

    runs.resume(run_id=run.id, by=TESTER)
    assert stage.go_on(run).status == "succeeded"


def test_the_elements_of_a_paused_map_go_on_when_it_is_resumed(stage):
    step = {
        "map": {"over": "[1, 2, 3, 4, 5]", "action": "probe-echo", "concurrency": 2},
    }
    run = runs.start(version=stage.publish({"all": step}), params={}, by=TESTER)
    runs.pause(run_id=run.id, by=TESTER)
    assert list(stage.steps(stage.go_on(run)).values()).count("pending") == 3

    runs.resume(run_id=run.id, by=TESTER)

    assert stage.go_on(run).status == "succeeded"


def test_a_run_whose_time_is_up_fails_and_what_waits_in_it_ends(stage):
    run = stage.start({"ask": ASK}, timeout=0.3)

    run = stage.until(run, "failed")
    assert run.error["code"] == "timeout"
    assert stage.steps(run) == {"ask": "cancelled"}


def test_a_sub_run_gives_its_result_to_the_step_that_it_is(stage, echo):
    stage.publish(
        {"double": echo("${{ params.n * 2 }}")},
        workflow="inner",
        params={"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
        result="${{ steps.double.result }}",
    )

    run = stage.start(
        {"call": {"workflow": "inner", "params": {"n": 21}}, "after": echo(1, "call")},
        result="${{ steps.call.result }}",
    )

    assert (run.status, run.result) == ("succeeded", 42)


def test_a_run_above_fails_with_its_sub_run_and_cancels_it_with_itself(stage, echo):
    stage.publish({"ask": ASK}, workflow="asking")
    run = stage.start({"call": {"workflow": "asking"}})
    child = Run.objects.get(parent=run)
    assert (run.status, child.status) == ("running", "waiting")

    runs.cancel(run_id=run.id, by=TESTER)

    child.refresh_from_db()
    assert (stage.go_on(run).status, child.status) == ("cancelled", "cancelled")


@pytest.mark.parametrize("is_optional", [False, True])
def test_a_run_does_not_succeed_when_a_sub_run_that_it_needs_was_cancelled(
    stage, echo, is_optional
):
    stage.publish({"ask": ASK}, workflow="inner")
    steps = {"sub": {"workflow": "inner", "optional": is_optional}, "then": echo(1, "sub")}
    outer = stage.start(steps, workflow="outer")
    inner = Run.objects.get(workflow_name="inner")

    runs.cancel(run_id=inner.id, by=TESTER)

    outer = stage.go_on(outer)
    assert outer.status == ("succeeded" if is_optional else "failed")
    then = "succeeded" if is_optional else "pending"
    assert stage.steps(outer) == {"sub": "cancelled", "then": then}
    if not is_optional:
        assert outer.error["code"] == "step_cancelled"
        assert outer.error["message"] == "Step sub was cancelled: somebody has stopped it."
    assert broken_promises() == []
