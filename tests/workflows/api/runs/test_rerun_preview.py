"""What the preview of a re-run says over REST, and when it can no longer be confirmed."""

import pytest

from tests.actions.api.conftest import assert_refused
from tests.fixtures.engine import TESTER
from workflows import definitions


def started(api, stage, **params):
    """The address of a run of the workflow that is under test."""
    run_id = api.post("/workflows/under-test/runs?wait=0", {"params": params}).json()["id"]
    stage.engine.drain()
    return f"/runs/{run_id}"


def preview(api, path, **asked):
    return api.post(f"{path}/rerun-preview", {"what": "from_failed"} | asked).json()


def rerun(api, stage, path, **asked):
    """The answer to a re-run that a preview has shown."""
    asked = {"what": "from_failed"} | asked
    answer = api.post(f"{path}/rerun", asked | {"digest": preview(api, path, **asked)["digest"]})
    stage.engine.drain()
    return answer


@pytest.fixture
def failed(api, stage, echo) -> str:
    """A run with a step, a map and a sub-run that succeeded, and a step that failed."""
    definitions.create({"workflow": "inner", "steps": {"a": echo(5)}}, by=TESTER)
    definitions.publish("inner", by=TESTER)
    behind = ["one", "all", "sub"]
    steps = {
        "one": echo(1),
        "all": {"map": {"over": "[1]", "action": "probe-echo"}},
        "sub": {"workflow": "inner"},
        "end": echo("${{ params.name }}", *behind),
    }
    stage.publish(steps, params={"type": "object"})
    return started(api, stage)


def test_a_digest_confirms_one_rerun_and_no_second_one(api, stage, failed):
    asked = {"what": "from_failed", "digest": preview(api, failed)["digest"]}

    first = api.post(f"{failed}/rerun", asked)
    second = api.post(f"{failed}/rerun", asked)

    assert_refused(second, 409, "situation-changed", advice=first.json()["id"])
    assert preview(api, failed)["superseded_by"] == first.json()["id"]


def test_what_is_reused_is_told_with_where_and_when_it_succeeded_also_two_reruns_later(
    api, stage, failed
):
    first = api.get(failed).json()
    ends = {step["name"]: step["finished_at"] for step in first["steps"]}
    (sub,) = (step["run"] for step in first["steps"] if step["name"] == "sub")
    second = rerun(api, stage, failed).json()
    third = rerun(api, stage, f"/runs/{second['id']}").json()

    shown = {one["name"]: one for one in preview(api, f"/runs/{third['id']}")["steps"]}
    for name, source in {"one": first["id"], "all": first["id"], "sub": sub}.items():
        assert shown[name]["ended_at"] == ends[name]
        assert shown[name]["source_run"] == source
        assert shown[name]["why"] == f"It succeeded in {first['id']}."
    assert shown["one"]["source"].startswith("exec_")
    steps = {one["name"]: one for one in api.get(f"/runs/{third['id']}").json()["steps"]}
    assert {steps[name]["reused_from_run"] for name in ("one", "all", "sub")} == {first["id"]}
    assert steps["sub"]["run"] == sub


@pytest.fixture
def edited(api, stage, echo) -> str:
    """A run with params of which one is secret."""
    shape = {
        "type": "object",
        "properties": {"user": {"type": "string"}, "pass": {"type": "string", "writeOnly": True}},
        "required": ["user", "pass"],
    }
    step = {"action": "probe-login", "params": {"user": "${{ params.user }}"}}
    step["params"]["code"] = "${{ params.pass }}"
    stage.publish({"login": step}, params=shape, result="${{ steps.login.result.length }}")
    return started(api, stage, **{"user": "ada", "pass": "hunter2-hunter2", "tags": [1, 2]})


def test_what_is_not_as_in_the_old_run_is_told_by_place_and_secrets_are_masked(api, edited):
    sent = {"user": "bob", "pass": "another-secret", "tags": [1], "new": True}

    shown = preview(api, edited, what="whole", params=sent)

    mask = "••••••"
    assert shown["param_changes"] == [
        {"pointer": "/new", "kind": "added", "before": None, "after": True},
        {"pointer": "/pass", "kind": "changed", "before": mask, "after": mask},
        {"pointer": "/tags/1", "kind": "removed", "before": 2, "after": None},
        {"pointer": "/user", "kind": "changed", "before": "ada", "after": "bob"},
    ]
    assert preview(api, edited, what="whole")["param_changes"] == []


def test_a_masked_secret_that_is_sent_back_means_the_stored_one(api, stage, edited):
    seen = api.get(edited).json()["params"] | {"user": "bob"}
    shown = preview(api, edited, what="whole", params=seen)
    assert [one["pointer"] for one in shown["param_changes"]] == ["/user"]

    answer = rerun(api, stage, edited, what="whole", params=seen)

    new = api.get(f"/runs/{answer.json()['id']}").json()
    assert (new["status"], new["result"]) == ("succeeded", len("hunter2-hunter2"))


@pytest.mark.parametrize("name", ["token", "note"])
def test_a_mask_that_stands_for_no_stored_secret_is_refused(api, edited, name):
    sent = api.get(edited).json()["params"] | {name: "••••••"}

    answer = api.post(f"{edited}/rerun-preview", {"what": "whole", "params": sent})

    assert_refused(answer, 422, "params-invalid", advice="send the secret itself")
    assert [one["pointer"] for one in answer.json()["errors"]] == [f"/params/{name}"]


def test_a_run_does_not_begin_with_the_mask_of_a_secret(api, edited):
    sent = {"user": "ada", "pass": "••••••"}

    answer = api.post("/workflows/under-test/runs?wait=0", {"params": sent})

    assert_refused(answer, 422, "params-invalid", advice="send the secret itself")
