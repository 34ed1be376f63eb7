"""What a failed step does to what only waits, and what is said while something waits on."""

import pytest

from actions import definitions
from tests.fixtures.engine import TESTER
from tests.probe.models import Mark
from workflows import runs
from workflows.models import Run, Step
from workflows.runs.waiting import why_waiting

BAD = {"action": "probe-decline"}
GATE = {"action": "probe-when-open"}
WAITING = {
    "ask": {"approval": {"message": "May I?"}},
    "listen": {"event": {"name": "go"}},
    "sleep": {"wait": {"for": 300}},
}


def told(run):
    return why_waiting(run, list(Step.objects.active([run.id])), {})


@pytest.mark.parametrize("count", [1, 80])
def test_what_only_waits_ends_with_the_step_that_fails(stage, echo, count):
    more = {f"more{number}": echo(number) for number in range(count)}

    run = stage.start(WAITING | more | {"bad": BAD})

    assert (run.status, run.error["step"]) == ("failed", "bad")
    assert {stage.steps(run)[name] for name in WAITING} == {"cancelled"}


def test_what_was_cancelled_by_a_failure_waits_anew_when_the_step_is_tried_again(stage, echo):
    behind = {"behind": echo(1, "ask", "listen")}
    run = stage.start(WAITING | behind | {"gate": GATE})
    assert run.status == "failed"
    Mark.objects.create(name="open", attempt=1, execution="")

    runs.step_again(run_id=run.id, step="gate", by=TESTER)

    assert stage.go_on(run).status == "waiting"
    assert stage.steps(run)["sleep"] == "queued"
    runs.answer(run_id=run.id, step="ask", decision="approved", by=TESTER)
    runs.send(run_id=run.id, name="go", payload=None, by=TESTER)
    stage.go_on(run)
    assert stage.steps(run)["behind"] == "succeeded"


def test_who_is_asked_learns_that_a_step_has_failed_already(stage):
    run = stage.start(WAITING | {"bad": BAD}, on_failure="continue")
    assert run.status == "waiting"

    assert "Step bad failed already, so the run will not succeed." in told(run).sentence


def test_a_paused_run_says_when_its_time_is_up(stage):
    run = stage.start({"ask": WAITING["ask"]}, timeout=60)
    runs.pause(run_id=run.id, by=TESTER)

    until = run.started_at.timestamp() + 60
    sentence = told(Run.objects.get(id=run.id)).sentence

    assert "Resume it to go on. Its time goes on meanwhile, and is up at 20" in sentence
    assert f":{int(until) % 60:02} UTC." in sentence


def test_a_run_behind_one_that_is_stuck_needs_help(stage):
    definitions.disable("probe-nothing", by=TESTER, note="down")
    key = {"key": "'all'"}
    steps = {"stuck": {"action": "probe-nothing"}}
    holder = stage.start(steps, concurrency_key=key)
    behind = stage.go_on(runs.start(version=holder.version, params={}, by=TESTER))
    assert behind.status == "queued"

    found = told(behind)

    assert found.needs_help
    assert f"{holder.shown_id} needs help first." in found.sentence


MANY = {"map": {"over": "[1, 2, 3]", "action": "probe-flaky", "concurrency": 1}}


def test_a_map_that_another_failure_has_stopped_is_cancelled_and_has_not_failed(stage):
    params = {"name": "${{ string(item) }}", "fail_times": 1}
    steps = {"many": {"map": MANY["map"] | {"params": params}}, "bad": BAD}

    run = stage.until(stage.start(steps), "failed")

    assert (run.error["step"], stage.steps(run)["many"]) == ("bad", "cancelled")


def test_one_element_is_not_told_as_many(stage):
    run = stage.start({"many": {"map": {"over": "[1]", "action": "probe-decline"}}})

    assert "1 element of many failed." in run.error["message"]
