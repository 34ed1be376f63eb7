"""Runs again over REST: the preview, and what it confirms."""

import pytest

from tests.actions.api.conftest import assert_refused
from tests.fixtures.engine import TESTER
from workflows import definitions


@pytest.fixture
def failed(api, stage, echo) -> str:
    """The address of a run of which the second of three steps has failed."""
    stage.publish(
        {
            "first": echo("one"),
            "second": echo("${{ params.name }}", "first"),
            "third": echo("${{ steps.first.result }}", "second"),
        },
        params={"type": "object", "properties": {"name": {"type": "string"}}},
        result="${{ steps.third.result }}",
    )
    run_id = api.post("/workflows/under-test/runs?wait=0").json()["id"]
    stage.engine.drain()
    return f"/runs/{run_id}"


def confirmed(api, path, **asked):
    """The re-run that a preview has shown."""
    digest = api.post(f"{path}/rerun-preview", asked).json()["digest"]
    return api.post(f"{path}/rerun", asked | {"digest": digest})


def test_a_preview_says_what_becomes_of_each_step(api, failed):
    shown = api.post(f"{failed}/rerun-preview", {"what": "from_failed"}).json()

    verdicts = {one["name"]: one["verdict"] for one in shown["steps"]}
    assert verdicts == {"first": "reuse", "second": "execute", "third": "execute"}
    assert shown["steps"][0]["source"].startswith("exec_")
    assert shown["needs_reason"] is False


def test_a_rerun_does_what_its_preview_has_shown_and_both_runs_are_linked(api, failed, stage):
    answer = confirmed(api, failed, what="from_failed", params={"name": "Ada"}, reason="Typo.")

    body = answer.json()
    assert (answer.status_code, body["rerun_of"]) == (202, failed.removeprefix("/runs/"))
    assert body["rerun"] == {"what": "from_failed", "step": None, "reason": "Typo."}
    stage.engine.drain()
    new = api.get(f"/runs/{body['id']}").json()
    assert (new["status"], new["result"]) == ("succeeded", "one")
    assert new["steps"][0]["status"] == "reused"
    assert api.get(failed).json()["reruns"] == [body["id"]]


@pytest.mark.parametrize("call", ["rerun-preview", "rerun"])
def test_an_archived_workflow_takes_no_rerun(api, failed, call):
    asked = {"what": "whole"}
    digest = api.post(f"{failed}/rerun-preview", asked).json()["digest"]
    definitions.archive("under-test", by=TESTER)

    answer = api.post(f"{failed}/{call}", asked | ({"digest": digest} if call == "rerun" else {}))

    assert_refused(answer, 409, "workflow-archived", advice="take it out to run it")


def test_a_rerun_is_another_attempt(api, stage):
    stage.publish({"go": {"action": "probe-nothing"}}, result="${{ run.attempt }}")
    attempts, path = [], f"/runs/{api.post('/workflows/under-test/runs?wait=0').json()['id']}"
    for _ in range(3):
        stage.engine.drain()
        attempts.append(api.get(path).json()["result"])
        path = f"/runs/{confirmed(api, path, what='whole').json()['id']}"

    assert attempts == [1, 2, 3]


def test_a_situation_that_has_changed_is_not_confirmed(api, failed):
    answer = api.post(f"{failed}/rerun", {"what": "whole", "digest": "0" * 64})

    assert_refused(answer, 409, "situation-changed", advice="look at the preview again")


def test_params_of_a_rerun_that_do_not_fit_are_placed(api, failed):
    asked = {"what": "whole", "params": {"name": 5}}

    for path, more in {"rerun-preview": {}, "rerun": {"digest": "0" * 64}}.items():
        answer = api.post(f"{failed}/{path}", asked | more)

        assert_refused(answer, 422, "params-invalid", advice="do not fit version 1")
        assert answer.json()["errors"][0]["pointer"] == "/params/name"


@pytest.mark.parametrize(
    "asked",
    [
        {"what": "from_step"},
        {"what": "from_step", "step": "none"},
        {"what": "whole", "step": "first"},
    ],
)
def test_a_step_is_named_to_begin_from_it(api, failed, asked):
    answer = api.post(f"{failed}/rerun-preview", asked)

    assert_refused(answer, 422, "params-invalid", advice="The re-run is refused")


@pytest.mark.parametrize(("version", "number"), [("original", 1), ("latest", 2), (2, 2)])
def test_a_rerun_takes_the_version_that_is_asked_for(api, failed, stage, echo, version, number):
    document = {"workflow": "under-test", "steps": {"first": echo("one")}}
    definitions.save_draft("under-test", document, by=TESTER, expected=1)
    definitions.publish("under-test", by=TESTER)

    shown = api.post(f"{failed}/rerun-preview", {"what": "whole", "version": version})

    assert shown.json()["version"] == number


def test_a_version_that_is_not_there_is_told_so(api, failed):
    answer = api.post(f"{failed}/rerun-preview", {"what": "whole", "version": 7})

    assert_refused(answer, 404, "workflow-version-not-found", advice="lists them")


def test_a_run_that_goes_on_is_not_repeated(api, stage):
    stage.publish({"pause": {"wait": {"for": 60}}})
    run_id = api.post("/workflows/under-test/runs?wait=0").json()["id"]

    answer = api.post(f"/runs/{run_id}/rerun-preview", {"what": "whole"})

    assert_refused(answer, 409, "run-goes-on", advice="cancel it")
