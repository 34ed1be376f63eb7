"""What happens to what goes on in a run when its time, or that of a step, is up."""

from actions import executions
from actions.executions.perform import first_claim
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER
from workflows import runs
from workflows.models import Run

EVENT = {"event": {"name": "go"}}


def test_a_run_whose_time_is_up_begins_nothing_more_and_fails_once_what_runs_has_ended(stage, echo):
    version = stage.publish({"first": echo(1), "then": echo(2, "first")}, timeout=60)
    run = runs.start(version=version, params={}, by=TESTER)
    running = first_claim(stage.engine.bench)

    runs.time_out(run_id=run.id, step=None, generation=0)
    executions.perform(running, bench=stage.engine.bench)

    run = stage.go_on(run)
    assert (run.status, run.error["code"]) == ("failed", "timeout")
    assert stage.steps(run) == {"first": "succeeded", "then": "pending"}


def test_a_map_begins_no_more_elements_when_the_time_of_its_run_is_up(stage):
    elements = {"map": {"over": "[1, 2, 3]", "action": "probe-echo", "concurrency": 1}}
    run = runs.start(version=stage.publish({"all": elements}, timeout=60), params={}, by=TESTER)
    running = first_claim(stage.engine.bench)

    runs.time_out(run_id=run.id, step=None, generation=0)
    executions.perform(running, bench=stage.engine.bench)

    run = stage.go_on(run)
    assert (run.status, run.error["code"]) == ("failed", "timeout")
    assert len(stage.executions(run)) == 1


def test_a_run_that_times_out_says_so_and_not_that_its_sub_run_was_cancelled(stage):
    stage.publish({"ask": EVENT}, workflow="asking")
    run = stage.start({"call": {"workflow": "asking"}}, timeout=0.3)

    run = stage.until(run, "failed")

    assert (run.error["code"], run.error["message"]) == ("timeout", "The run's time was up.")
    assert Run.objects.get(parent=run).status == "cancelled"


def test_a_step_that_is_a_sub_run_fails_when_its_own_time_is_up(stage):
    stage.publish({"ask": EVENT}, workflow="asking")
    run = stage.start({"call": {"workflow": "asking", "timeout": 0.3}})

    run = stage.until(run, "failed")

    assert (run.error["step"], run.error["code"]) == ("call", "timeout")
    assert Run.objects.get(parent=run).status == "failed"
    assert broken_promises() == []


def test_each_element_that_is_a_sub_run_has_its_own_time(stage):
    stage.publish({"ask": EVENT}, workflow="asking")
    elements = {"map": {"over": "[1, 2]", "workflow": "asking"}, "timeout": 0.3}
    run = stage.start({"all": elements})

    run = stage.until(run, "failed")

    assert stage.steps(run) == {"all[0]": "failed", "all[1]": "failed", "all": "failed"}


def test_a_sub_run_that_waits_for_a_place_fails_when_the_time_of_its_step_is_up(stage):
    key = {"concurrency_key": {"key": "'one'"}}
    holder = stage.start({"ask": EVENT}, workflow="asking", **key)
    run = stage.start({"call": {"workflow": "asking", "timeout": 60}})
    child = Run.objects.get(parent=run)
    assert child.status == "queued"

    runs.time_out(run_id=child.id, step=None, generation=0)

    run = stage.go_on(run)
    assert (run.status, run.error["code"]) == ("failed", "timeout")
    assert stage.go_on(holder).status == "waiting"
    assert broken_promises() == []


def test_pausing_a_run_holds_up_its_sub_runs_and_resuming_lets_them_go_on(stage, echo):
    stage.publish({"first": echo(1), "then": echo(2, "first")}, workflow="inner")
    version = stage.publish({"call": {"workflow": "inner"}})
    run = runs.start(version=version, params={}, by=TESTER)
    child = Run.objects.get(parent=run)

    runs.pause(run_id=run.id, by=TESTER, note="Lunch.")
    assert stage.go_on(child).status == "paused"
    assert stage.steps(child) == {"first": "succeeded", "then": "waiting"}
    assert stage.go_on(run).status == "paused"

    runs.resume(run_id=run.id, by=TESTER)
    assert stage.go_on(run).status == "succeeded"


def test_a_sub_run_that_somebody_has_paused_by_itself_stays_paused(stage):
    stage.publish({"ask": EVENT}, workflow="asking")
    run = stage.start({"call": {"workflow": "asking"}})
    child = Run.objects.get(parent=run)
    runs.pause(run_id=child.id, by=TESTER)

    runs.pause(run_id=run.id, by=TESTER)
    runs.resume(run_id=run.id, by=TESTER)

    assert stage.go_on(child).paused_at is not None
    assert stage.go_on(run).paused_at is None
