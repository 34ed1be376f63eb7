"""Why a run waits, over REST; starts that are refused for their concurrency key."""

import pytest

from actions import definitions, ids
from actions.models import Action, Execution, Worker
from tests.actions.api.conftest import assert_refused
from tests.fixtures.engine import TESTER
from workflows import runs

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
