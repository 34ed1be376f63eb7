"""Steps whose action is missing or disabled wait for it."""

import pytest

from actions import Context, action, definitions, registry
from actions.models import Action
from actions.promises import broken_promises
from tests.actions.test_declared import document
from tests.fixtures.engine import TESTER
from workflows import runs
from workflows.models import Run, RunEvent


@pytest.fixture
def disabled(stage):
    """An action that is disabled."""
    definitions.disable("probe-nothing", by=TESTER, note="The service is down.")
    return {"action": "probe-nothing"}


def enable(stage):
    definitions.enable("probe-nothing", by=TESTER)
    stage.engine.drain()
    assert broken_promises() == []


def test_a_step_waits_while_its_action_is_disabled_and_goes_on_when_it_is_enabled(
    stage, disabled, echo
):
    run = stage.start({"first": echo(1), "then": disabled | {"after": ["first"]}})
    assert (run.status, run.reason) == ("waiting", "action_disabled")
    assert stage.steps(run) == {"first": "succeeded", "then": "waiting"}
    event = RunEvent.objects.of(run.id).get(type="step_waiting")
    assert event.data == {"reason": "action_disabled", "action": "probe-nothing"}
    assert broken_promises() == []

    enable(stage)

    assert stage.go_on(run).status == "succeeded"


def test_a_step_waits_for_an_action_that_nobody_has_declared_here_until_a_sync_brings_it(stage):
    with registry.isolated():

        @action("brought-later", effect="none")
        def brought(ctx: Context) -> None:
            """Come late."""

        definitions.sync()
        version = stage.publish({"one": {"action": "brought-later"}})
        Action.objects.filter(name="brought-later").update(name="gone")
        run = stage.go_on(runs.start(version=version, params={}, by=TESTER))
        assert (run.status, run.reason) == ("waiting", "action_missing")
        assert broken_promises() == []

        definitions.sync()
        stage.engine.drain()

    assert stage.steps(run) == {"one": "queued"}
    assert broken_promises() == []


def test_a_step_goes_on_when_a_document_defines_its_action(stage):
    definitions.define("make-sandbox", document(), by=TESTER)
    step = {"action": "make-sandbox", "params": {"userId": "usr_1"}}
    version = stage.publish({"one": step})
    Action.objects.filter(name="make-sandbox").update(name="gone")
    run = stage.go_on(runs.start(version=version, params={}, by=TESTER))
    assert run.reason == "action_missing"

    definitions.define("make-sandbox", document(), by=TESTER)
    stage.engine.step()

    assert stage.steps(run) == {"one": "queued"}
    assert broken_promises() == []


def test_a_map_waits_as_a_whole_before_it_is_expanded(stage, disabled):
    run = stage.start({"each": {"map": {"over": "[1, 2]", "action": "probe-nothing"}}})
    assert stage.steps(run) == {"each": "waiting"}

    enable(stage)

    assert stage.steps(run) == {"each": "succeeded", "each[0]": "succeeded", "each[1]": "succeeded"}


def test_an_element_waits_whose_action_is_disabled_in_the_middle_of_a_map(stage):
    step = {"over": "[1, 2, 3]", "action": "probe-nothing", "concurrency": 1}
    run = runs.start(version=stage.publish({"each": {"map": step}}), params={}, by=TESTER)
    definitions.disable("probe-nothing", by=TESTER)
    run = stage.go_on(run)
    assert stage.steps(run) == {
        "each": "queued", "each[0]": "succeeded", "each[1]": "waiting", "each[2]": "pending",
    }  # fmt: skip

    enable(stage)

    assert stage.go_on(run).status == "succeeded"


def test_more_steps_than_fit_a_transaction_go_on(stage, disabled, monkeypatch):
    monkeypatch.setattr("workflows.runs.unblocking.BATCH", 2)
    version = stage.publish({f"s{number}": disabled for number in range(5)})
    for _ in range(3):
        runs.start(version=version, params={}, by=TESTER)

    enable(stage)

    assert set(Run.objects.values_list("status", flat=True)) == {"succeeded"}


def test_a_run_whose_step_waits_for_its_action_can_be_cancelled(stage, disabled):
    run = stage.start({"one": disabled})

    runs.cancel(run_id=run.id, by=TESTER)

    assert stage.go_on(run).status == "cancelled"
    enable(stage)
    assert stage.steps(run) == {"one": "cancelled"}


def test_the_time_of_a_run_passes_while_its_step_waits_for_its_action(stage, disabled):
    run = stage.start({"one": disabled}, timeout=0.2)

    assert stage.until(run, "failed").error["code"] == "timeout"
    assert broken_promises() == []


def test_a_run_that_stops_gives_up_the_steps_that_wait_for_their_actions(stage, disabled):
    steps = {
        "blocked": disabled,
        "each": {"map": {"over": "[1]", "action": "probe-nothing"}},
        "fails": {"action": "probe-decline"},
    }
    run = stage.start(steps)

    assert run.status == "failed"
    assert stage.steps(run) == {"blocked": "cancelled", "each": "cancelled", "fails": "failed"}
    assert broken_promises() == []


def test_a_run_that_stops_gives_up_the_elements_that_wait(stage, echo):
    step = {"over": "[1, 2, 3]", "action": "probe-nothing", "concurrency": 1}
    steps = {"each": {"map": step}, "wait": {"wait": {"for": 0.3}}}
    steps["fails"] = {"action": "probe-decline", "after": ["wait"]}
    run = runs.start(version=stage.publish(steps), params={}, by=TESTER)
    definitions.disable("probe-nothing", by=TESTER)

    run = stage.until(run, "failed")

    assert stage.steps(run)["each[1]"] == "cancelled"
    assert broken_promises() == []


def test_a_run_that_continues_after_failures_waits_for_the_action(stage, disabled):
    run = stage.start(
        {"blocked": disabled, "fails": {"action": "probe-decline"}}, on_failure="continue"
    )
    assert stage.steps(run) == {"blocked": "waiting", "fails": "failed"}

    enable(stage)

    assert stage.go_on(run).status == "failed"


def test_what_undoes_a_step_waits_for_its_action_too(stage, echo, disabled):
    steps = {
        "made": echo(1, compensate=disabled),
        "fails": {"action": "probe-decline", "after": ["made"]},
    }
    run = stage.start(steps)
    assert (run.status, run.reason) == ("running", "compensating")
    assert stage.steps(run)["@undo.made"] == "waiting"

    enable(stage)

    assert stage.go_on(run).status == "failed"
    assert stage.steps(run)["@undo.made"] == "succeeded"


def test_a_paused_run_stays_paused_when_its_action_is_enabled(stage, disabled):
    run = stage.start({"one": disabled})
    runs.pause(run_id=run.id, by=TESTER)

    enable(stage)
    assert stage.go_on(run).reason == "paused"

    runs.resume(run_id=run.id, by=TESTER)
    assert stage.go_on(run).status == "succeeded"
