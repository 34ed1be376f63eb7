"""Bodies that are made to break something: refused with a reason, and no run is stuck."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from actions.promises import broken_promises
from tests.workflows.api.conftest import put
from workflows.models import Run

DRAFT = "/workflows/under-test/draft"
NO_JSON = {
    "U+0000": b'"\\u0000"',
    "half a surrogate pair": b'"\\ud800"',
    "NaN": b"NaN",
    "a number beyond all": b"1e999",
    "a whole number beyond all": b"9" * 400,
    "a name twice": b'{"a": 1, "a": 2}',
    "too deep": b"[" * 100 + b"]" * 100,
    "much too deep": b"[" * 100_000,
    "bytes": b"\xff",
}
TEN_LOOPS = "[0]" + ".map(x, [x, x])" * 10


def only(**step: Any) -> dict[str, Any]:
    return {"steps": {"only": step}}


def nothing(**rest: Any) -> dict[str, Any]:
    return only(action="probe-nothing", **rest)


DOCUMENTS: dict[str, dict[str, Any]] = {
    "no steps": {"steps": {}},
    "steps that are a list": {"steps": [1]},
    "a step that is text": {"steps": {"only": "x"}},
    "a step of no kind": only(when="true"),
    "a step of two kinds": only(action="probe-nothing", wait={"for": 1}),
    "a name that is none": {"steps": {"@on_failure": {"wait": {"for": 1}}}},
    "a name of 100,000 letters": {"steps": {"x" * 100_000: {"wait": {"for": 1}}}},
    "a step that waits for a number": nothing(after=[1]),
    "a step that waits for itself": nothing(after=["only"]),
    "a circle of a thousand": {
        "steps": {
            f"s{n}": {"wait": {"for": 1}, "after": [f"s{(n + 1) % 1_000}"]} for n in range(1_000)
        }
    },
    "a time-out of ages": nothing(timeout=1e300),
    "a wait for less than nothing": only(wait={"for": -1}),
    "a wait for ages": only(wait={"for": 10**300}),
    "a priority that is an object": nothing(priority={}),
    "a priority beyond all": nothing(priority=2**63),
    "a condition that is a number": nothing(when=1),
    "a condition that gives a number": nothing(when="1"),
    "a condition that gives text": nothing(when="'yes'"),
    "a map over a number": only(map={"over": "5", "action": "probe-nothing"}),
    "a time that is none": only(wait={"until": "1"}),
    "a key that is a number": nothing(idempotency_key="1.5"),
    "a limit's key that is a list": nothing(concurrency_key={"key": "[1]"}),
    "a run's key that is an object": {**nothing(), "concurrency_key": {"key": "{'a': 1}"}},
    "params that are a list": only(action="probe-echo", params=[1]),
    "a param of another type": only(action="probe-mark", params={"name": 2**53 + 1}),
    "a schema that is none": {**nothing(), "params": {"type": 5}},
    "a schema of a schema without end": {**nothing(), "params": {"$ref": "#/x"}},
    "a pattern that explodes": {
        **nothing(),
        "params": {"pattern": "((a{1,1000}){1,1000}){1,1000}"},
    },
    "loops in loops": nothing(when=f"{TEN_LOOPS} == []"),
    "a thousand brackets": nothing(when="(" * 1_000 + "true" + ")" * 1_000),
    "a result with a bomb": {**nothing(), "result": f"${{{{ {TEN_LOOPS} }}}}"},
    "a number that is none": only(action="probe-echo", params={"value": "${{ 0.0 / 0.0 }}"}),
    "a sum beyond 64 bits": {**nothing(), "result": "${{ 9223372036854775807 + 1 }}"},
    "a text with U+0000": only(action="probe-echo", params={"value": "${{ '\\u0000' }}"}),
    "names that are numbers": {**nothing(), "result": "${{ {1: 2} }}"},
    "a form that is none": only(approval={"message": "May I?", "form": {"type": 5}}),
}


@pytest.fixture
def draft(api, stage) -> Callable[[Any], Any]:
    """Saves something as the draft of a workflow."""
    stage.publish({"only": {"wait": {"for": 60}}})

    def save(body: Any) -> Any:
        return put(api, DRAFT, body, seen=api.get(DRAFT).headers["ETag"])

    return save


def test_a_draft_that_makes_no_sense_is_kept_judged_and_never_published(api, draft):
    for name, document in DOCUMENTS.items():
        saved = draft({"workflow": "under-test", **document})

        assert saved.status_code == 200, (name, saved.content)
        errors = [one for one in saved.json()["problems"] if one["severity"] == "error"]
        assert errors, name
        assert all(len(one["detail"]) < 1_000 and one["detail"].endswith(".") for one in errors), (
            name
        )
        refused = api.post("/workflows/under-test/versions")
        assert (refused.status_code, refused.json()["code"]) == (422, "definition-invalid"), name


def test_many_steps_that_all_wait_for_all_others_are_judged(api, draft):
    steps = {
        f"s{n}": {"action": "probe-nothing", "after": [f"s{before}" for before in range(n)]}
        for n in range(200)
    }

    assert draft({"workflow": "under-test", "steps": steps}).json()["problems"] == []


@pytest.mark.parametrize("value", NO_JSON.values(), ids=NO_JSON.keys())
def test_what_cannot_be_kept_as_json_is_refused_everywhere(api, stage, value):
    stage.publish({"ask": {"approval": {"message": "May I?"}}, "paid": {"event": {"name": "paid"}}})
    run = api.post("/workflows/under-test/runs?wait=0").json()["id"]
    before = Run.objects.get()

    for path, body in (
        ("/workflows/under-test/runs", b'{"params": {"a": %b}}'),
        ("/workflows/under-test/runs", b'{"metadata": {"a": %b}}'),
        ("/workflows/validate", b'{"workflow": "under-test", "steps": %b}'),
        (f"/runs/{run}/events/paid", b'{"payload": %b}'),
        (f"/runs/{run}/steps/ask/answer", b'{"decision": "approved", "answer": {"a": %b}}'),
        (f"/runs/{run}/steps/ask/answer", b'{"decision": "approved", "comment": %b}'),
        (f"/runs/{run}/rerun-preview", b'{"what": "whole", "params": {"a": %b}}'),
        (f"/runs/{run}/cancel", b'{"reason": %b}'),
    ):
        answer = api.post(path, body % value)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed-json"), path
    after = Run.objects.get()
    assert (after.status, after.event_count) == ("waiting", before.event_count)


@pytest.mark.parametrize("name", ["%00", "x" * 5_000, "%F0%9F%98%80", "..%2f", "@on_failure"])
def test_no_name_in_an_address_makes_it_stumble(api, stage, name):
    stage.publish({"ask": {"approval": {"message": "May I?", "roles": ["viewer"]}}})
    run = api.post("/workflows/under-test/runs?wait=0").json()["id"]

    for path, body in (
        (f"/workflows/{name}/runs", {}),
        (f"/runs/{run}/events/{name}", {}),
        (f"/runs/{run}/steps/{name}/answer", {"decision": "approved"}),
        (f"/runs/{run}/steps/{name}/rerun", {}),
        (f"/runs/{name}/cancel", {}),
    ):
        assert 400 <= api.post(path, body).status_code < 500, path
    assert Run.objects.get().status == "waiting"


def test_a_payload_and_an_answer_of_all_kinds_of_values_reach_the_result(api, stage):
    stage.publish(
        {"paid": {"event": {"name": "paid", "payload": {}}}},
        result={"paid": "${{ steps.paid.result.payload }}"},
    )
    run = api.post("/workflows/under-test/runs?wait=0").json()["id"]
    payload = [2**53 + 1, 10**308, "\U0001f600", {"": None, "__proto__": [[]]}, "${{ params }}"]

    answer = api.post(f"/runs/{run}/events/paid", {"payload": payload})

    assert answer.json()["result"] == {"paid": payload}


@pytest.mark.parametrize("result", ["${{ steps.paid.result.payload + 1 }}", "${{ params.x }}"])
def test_a_run_that_fails_over_what_was_sent_says_so(api, stage, result):
    stage.publish(
        {"paid": {"event": {"name": "paid", "payload": {}}}},
        result=result,
        params={"type": "object"},
    )
    run = api.post("/workflows/under-test/runs?wait=0").json()["id"]

    answer = api.post(f"/runs/{run}/events/paid", json.dumps({"payload": 2**64}))

    assert (answer.status_code, answer.json()["status"]) == (200, "failed")
    assert answer.json()["error"]["code"] == "expression_failed"
    assert broken_promises() == []
