"""What answers twice: no call takes the second answer to another for its own, whatever it asks."""

from typing import Any

import pytest

from tests.sdk.conftest import SCOPES

FAILED = {"what": "from_failed", "reason": "It is back"}
STORY = {"of": "workflow", "name": "probe-story"}


@pytest.fixture
def client(as_other, driver):
    """A client on a line of its own."""
    return as_other(driver, *SCOPES)


@pytest.fixture
def run_id(driver, tmp_path) -> str:
    """A run that asks its question."""
    return driver.call("start", **STORY, params={"gate": str(tmp_path / "gate")})["id"]


def conflict(code: str) -> dict[str, Any]:
    return {"type": "Conflict", "code": code}


# What is asked about a run, after it was read; and what of the answer tells that it is the right one.
AFTER_A_READ = {
    "a refused answer": (
        ("answer", {"step": "paid", "decision": "approved"}),
        {"raised": conflict("step-not-waiting")},
    ),
    "a refused preview": (("rerun_preview", FAILED), {"raised": conflict("run-goes-on")}),
    "a refused re-run": (
        ("rerun", {"of": "workflow", "digest": "0" * 64, **FAILED}),
        {"raised": conflict("run-goes-on")},
    ),
    "a pause": (("pause", {}), {"status": "paused"}),
    "a cancel": (("cancel", {"of": "workflow"}), {"status": "cancelled"}),
}


@pytest.mark.parametrize(("asked", "told"), AFTER_A_READ.values(), ids=AFTER_A_READ)
def test_a_late_second_answer_is_not_taken_for_a_command_s(client, proxy, run_id, asked, told):
    command, wish = asked
    proxy.reset(["stutter_late"])
    client.call("get", of="workflow", id=run_id)

    found = client.call(command, id=run_id, **wish)

    raised = found.get("raised", {})
    assert {name: found.get(name) for name in told} | {
        "raised": {name: raised.get(name) for name in told.get("raised", {})}
    } == {"raised": {}, **told}
    assert len({one.headers["x-client-request-id"] for one in proxy.seen}) == len(proxy.seen)
    # fetch cannot close a line: there the answer to a try may come in the place of the next.
    assert len(proxy.seen) <= 5


def test_a_late_second_list_is_not_taken_for_another_one(client, proxy, name):
    for number in range(2):
        call = {"name": "probe-mark", "params": {"name": f"{name} {number}"}}
        client.call("execute", **call)
    proxy.reset(["stutter_late", "stutter_late"])

    names = [
        client.call("list", filters={"params.name": f"{name} {number}"})["entries"][0]["result"]
        for number in range(2)
    ]

    assert [each["name"] for each in names] == [f"{name} {number}" for number in range(2)]


@pytest.mark.parametrize("of", ["action", "workflow"])
def test_a_late_second_answer_is_no_log(client, proxy, name, of):
    ended = client.call("execute", of=of, name="probe-mark", params={"name": name})
    whole = client.call("events", of=of, id=ended["id"], after=0)
    proxy.reset(["stutter_late"])
    client.call("get", of=of, id=ended["id"])

    assert client.call("events", of=of, id=ended["id"], after=0) == whole


def test_a_refusal_is_not_taken_for_the_next_call_s(client, proxy, run_id):
    proxy.reset(["stutter_late"])
    refused = client.call("get", of="workflow", id="run_00000000000000000000000000")

    found = client.call("get", of="workflow", id=run_id)

    assert refused["raised"]["type"] == "NotFound"
    assert found["id"] == run_id
