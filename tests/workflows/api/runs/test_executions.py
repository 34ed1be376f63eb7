"""Executions of steps over REST: whose they are; and what is the engine's own alone."""

import pytest

from actions.models import Execution
from tests.actions.api.conftest import EVERYTHING, Caller, assert_refused

WAIT = "actionsite.wait"


@pytest.fixture
def reader(engine, caller) -> Caller:
    """Somebody who executes actions and reads executions."""
    return caller(*EVERYTHING)


@pytest.fixture
def run(stage, echo):
    """A run of one step, a map of two and a wait."""
    return stage.start(
        {
            "one": echo(1),
            "all": {"map": {"over": "[1, 2]", "action": "probe-echo"}},
            "pause": {"wait": {"for": 60}},
        }
    )


def test_an_execution_of_a_step_says_whose_it_is(reader, run):
    listed = reader.get(f"/executions?run={run.shown_id}").json()["entries"]

    assert sorted(one["step"] for one in listed) == ["all[0]", "all[1]", "one"]
    assert {one["run"] for one in listed} == {run.shown_id}
    one = reader.get(f"/executions/{listed[0]['id']}").json()
    assert one == listed[0]
    assert one["cause"] == {"type": "run", "id": run.shown_id}


def test_a_step_is_not_repeated_outside_its_run(reader, run):
    steps = {
        one["step"]: one for one in reader.get(f"/executions?run={run.shown_id}").json()["entries"]
    }

    for name, step in (("one", "one"), ("all[0]", "all")):
        answer = reader.post(f"/executions/{steps[name]['id']}/rerun")
        advice = f"POST /runs/{run.shown_id}/steps/{step}/rerun tries it again there"
        assert_refused(answer, 409, "not-rerunnable", advice=advice)
    assert Execution.objects.filter(rerun_of__isnull=False).count() == 0


def test_an_execution_of_its_own_belongs_to_no_run(reader, run):
    alone = reader.execute("probe-echo").json()

    assert (alone["run"], alone["step"]) == (None, None)


def test_runs_that_are_none_are_refused_as_a_filter(reader):
    answer = reader.get("/executions?run=exec_1")

    assert_refused(answer, 400, "malformed-request", advice="cannot be filtered")


def test_what_the_engine_asks_for_is_in_no_list(reader, run, signed_in):
    assert Execution.objects.filter(action_name=WAIT).exists()

    actions = [one["name"] for one in reader.get("/actions").json()["entries"]]
    executions = [one["action"] for one in reader.get("/executions").json()["entries"]]

    assert WAIT not in actions
    assert WAIT not in executions
    assert WAIT not in signed_in().get("/actions").content.decode()


def test_nobody_asks_for_what_is_the_engines_own(reader, run, caller):
    editor = caller("actions:read", "actions:write")
    waiting = Execution.objects.get(action_name=WAIT).shown_id

    refused = [
        reader.get(f"/actions/{WAIT}"),
        reader.execute(WAIT),
        editor.post(f"/actions/{WAIT}/disable"),
        editor.send("PUT", f"/actions/{WAIT}", {"kind": "http"}),
    ]
    for answer in refused:
        assert_refused(answer, 404, "action-not-found", advice="lists them")
    for answer in (
        reader.get(f"/executions/{waiting}"),
        reader.post(f"/executions/{waiting}/cancel"),
        reader.post(f"/executions/{waiting}/rerun"),
    ):
        assert_refused(answer, 404, "execution-not-found", advice="lists them")
    batch = reader.post("/executions/batch", {"executions": [{"action": WAIT}]}).json()
    assert batch["entries"][0]["refusal"]["code"] == "action-not-found"
