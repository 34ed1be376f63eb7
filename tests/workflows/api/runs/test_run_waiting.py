"""Why a run waits, over REST; starts that are refused for their concurrency key."""

import pytest

from actions import definitions, ids
from actions.models import Action, Execution, Worker
from actions.promises import broken_promises
from tests.actions.api.conftest import assert_refused
from tests.fixtures.engine import TESTER
from workflows import definitions as workflows
from workflows import runs
from workflows.models import Run, RunEvent

ASK = {"ask": {"approval": {"message": "May I?"}}}
MISSING = (
    (
        "is not in the catalogue. Deploy the app that declares it and run manage.py sync_actions, "
        "or cancel the run."
    ),
    "action_missing",
)
DISABLED = ("is disabled: the service is down. Enable it, or cancel the run.", "action_disabled")
START = "/workflows/under-test/runs?wait=0"


@pytest.fixture
def why(api, stage):
    """What the API says of a run, once what is due has been worked off."""

    def told(run_id):
        stage.engine.drain()
        return api.get(f"/runs/{run_id}/waiting").json()

    return told


@pytest.fixture
def start(api):
    """Start a run over REST; its id."""
    return lambda: api.post(START).json()["id"]


def test_a_queued_run_names_who_holds_its_key_and_its_place(stage, why, start):
    stage.publish(ASK, concurrency_key={"key": '"all"'})
    first, _, third = start(), start(), start()

    body = why(third)

    assert body == {
        "object": "run_waiting",
        "reason": "concurrency_key",
        "sentence": f"It waits for {first}, which holds the concurrency key all of under-test; "
        "it is number 2 in the queue.",
        "step": None,
        "run": None,
        "needs_help": False,
        "held_by": [first],
    }


def test_a_start_that_the_key_refuses_is_a_conflict(api, stage, start):
    stage.publish(ASK, concurrency_key={"key": '"all"', "on_conflict": "reject"})
    first = start()

    answer = api.post(START)

    assert_refused(answer, 409, "concurrency-key-held", advice=first)


@pytest.mark.parametrize("is_missing", [True, False])
def test_a_step_without_its_action_says_what_to_do(api, stage, why, start, is_missing):
    stage.publish({"one": {"action": "probe-nothing"}})
    if is_missing:
        Action.objects.filter(name="probe-nothing").update(current=None)
    else:
        definitions.disable("probe-nothing", by=TESTER, note="the service is down")
    run_id = start()

    body = why(run_id)

    what, reason = MISSING if is_missing else DISABLED
    assert body["sentence"] == f"Step one waits for the action probe-nothing, which {what}"
    assert (body["reason"], body["step"], body["needs_help"]) == (reason, "one", True)
    (step,) = api.get(f"/runs/{run_id}").json()["steps"]
    assert (step["status"], step["reason"]) == ("waiting", reason)


def test_a_step_whose_code_no_worker_has_says_so(stage, why, start):
    stage.publish({"one": {"action": "probe-nothing"}})
    run_id = start()
    Worker.objects.update(actions=["another"])
    Execution.objects.update(action_name="gone-action")

    body = why(run_id)

    assert body["reason"] == "action_missing"
    assert "No living worker has the code of gone-action." in body["sentence"]


def test_an_element_without_its_action_says_so(stage, why):
    step = {"over": "[1, 2]", "action": "probe-nothing", "concurrency": 1}
    run = runs.start(version=stage.publish({"each": {"map": step}}), params={}, by=TESTER)
    definitions.disable("probe-nothing", by=TESTER)

    assert why(run.shown_id)["step"] == "each[1]"


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (ASK["ask"], "Step one waits for an answer: May I?"),
        ({"event": {"name": "paid"}}, "Step one waits for the event paid."),
        ({"wait": {"until": "'2030-01-01T00:00:00Z'"}}, "waits until 2030-01-01 00:00:00 UTC."),
    ],
)
def test_whom_or_what_a_step_waits_for(stage, why, start, step, sentence):
    stage.publish({"one": step})

    assert why(start())["sentence"].endswith(sentence)


def test_a_run_that_goes_on_or_has_ended_waits_for_nothing(api, stage, why):
    run = stage.start({"one": {"action": "probe-nothing"}})

    assert why(run.shown_id)["reason"] is None


def test_a_paused_run_says_so(stage, why, start):
    stage.publish(ASK)
    run_id = start()
    stage.engine.drain()
    runs.pause(run_id=ids.parse(ids.PREFIX_RUN, run_id), by=TESTER)

    assert why(run_id)["sentence"] == "It is paused. Resume it to go on."


CHILD = {"workflow": "child"}
SLOW_RETRY = {"retry": {"max_attempts": 3, "delay_seconds": 600, "jitter": "none"}}


def nest(stage, steps):
    """A workflow that another one of this module may call."""
    document = {"workflow": "child", "steps": steps}
    workflows.create(document, by=TESTER)
    workflows.publish("child", by=TESTER)


def test_a_run_says_what_the_deepest_of_its_sub_runs_waits_for(stage, why, start):
    nest(stage, ASK)
    workflows.create({"workflow": "middle", "steps": {"down": CHILD}}, by=TESTER)
    workflows.publish("middle", by=TESTER)
    stage.publish({"sub": {"workflow": "middle"}})
    run_id = start()

    body = why(run_id)

    child = Run.objects.get(workflow_name="child").shown_id
    assert (body["reason"], body["step"], body["run"]) == ("approval", "sub", child)
    said = f"Step sub waits for its run {child} of child. Step ask waits for an answer: May I?"
    assert body["sentence"] == said


def test_a_run_needs_help_if_its_sub_run_does(stage, why, start):
    definitions.disable("probe-nothing", by=TESTER)
    nest(stage, {"one": {"action": "probe-nothing"}})
    stage.publish({"each": {"map": {"over": "[1, 2]", "workflow": "child"}}})

    body = why(start())

    assert (body["step"], body["needs_help"]) == ("each[0]", True)
    assert body["sentence"].endswith("is disabled. Enable it, or cancel the run. 1 more waits.")


def test_a_map_whose_elements_wait_for_their_retries_says_so(stage, why, start):
    each = {"over": "['a', 'b', 'c']", "action": "probe-flaky"}
    each["params"] = {"name": "${{ item }}", "fail_times": 1}
    stage.publish({"each": {"map": each} | SLOW_RETRY})

    body = why(start())

    assert (body["reason"], body["step"]) == ("not_due", "each[0]")
    assert body["sentence"].startswith("Step each[0] waits. Its next attempt is due at ")
    assert body["sentence"].endswith("UTC. 2 more wait.")


def test_of_several_waits_the_one_is_told_that_a_person_can_end(api, stage, why, start):
    stage.publish({"pause": {"wait": {"for": 600}}} | ASK)
    run_id = start()

    body = why(run_id)

    assert body["sentence"] == "Step ask waits for an answer: May I? 1 more waits."
    run = api.get(f"/runs/{run_id}").json()
    assert (run["status"], run["reason"]) == ("waiting", "approval")


def test_a_long_question_is_told_as_one_short_line(stage, why, start):
    stage.publish({"ask": {"approval": {"message": "Well,\n" + "x" * 5_000}}})

    sentence = why(start())["sentence"]

    assert "Well, xxx" in sentence
    assert len(sentence) < 400


def test_what_cannot_be_undone_is_given_up_by_cancelling_again(api, stage, why):
    definitions.disable("probe-nothing", by=TESTER)
    made = {"action": "probe-echo", "params": {"value": 1}}
    made["compensate"] = {"action": "probe-nothing"}
    ask = ASK["ask"] | {"after": ["made", "more"]}
    run = stage.start({"made": made, "more": made, "ask": ask}, compensate_after=["cancelled"])
    api.post(f"/runs/{run.shown_id}/cancel", {"reason": "One."})
    assert why(run.shown_id)["sentence"].endswith(
        "is disabled. Enable it, or cancel the run, which then ends without it."
    )

    api.post(f"/runs/{run.shown_id}/cancel", {"reason": "Two."})

    assert stage.go_on(run).status == "cancelled"
    assert {stage.steps(run)[name] for name in ("@undo.made", "@undo.more")} == {"cancelled"}
    told = [one.data for one in RunEvent.objects.of(run.id).filter(type="cancel_requested")]
    assert told[0] == {"reason": "One."}
    assert (told[1]["reason"], len(told[1]["gives_up"]), len(told)) == ("Two.", 1, 2)
    assert broken_promises() == []
