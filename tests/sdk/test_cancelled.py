"""What somebody has stopped: an error that says so, the same for all three clients."""

import json
import re

from tests.sdk.http_proxy import Instead

CANCELLED = {
    "id": "exec_1",
    "object": "execution",
    "action": "probe-nothing",
    "status": "cancelled",
    "result": None,
    "replayed": False,
    "idempotency": {"key": "k"},
}


def test_a_handle_cancels_what_runs(driver, tmp_path, of):
    params = {"gate": str(tmp_path / "gate")}
    asked = driver.call("start", of=of, name="probe-wait-for-cancel", params=params, then="cancel")

    ended = driver.call("wait", of=of, id=asked["id"], timeout=30)

    assert (ended["status"], ended["ok"]) == ("cancelled", False)
    assert driver.call("cancel", of=of, id=asked["id"])["raised"]["type"] == "Conflict"


def test_what_was_cancelled_has_an_error_and_is_not_sent_again(driver, proxy, tmp_path, name, of):
    params = {"gate": str(tmp_path / "gate")}
    call = {"of": of, "name": "probe-wait-for-cancel", "params": params, "idempotency_key": name}
    begun = driver.call("start", **call, then="cancel")
    waited = driver.call("wait", of=of, id=begun["id"], timeout=30)
    proxy.reset()

    replayed, read = driver.call("execute", **call), driver.call("get", of=of, id=begun["id"])

    assert (replayed["status"], replayed["ok"], replayed["result"]) == ("cancelled", False, None)
    assert replayed["error"]["code"] == "cancelled"
    assert re.search(f"{begun['id']} of {call['name']} was cancelled;", told_of(replayed))
    assert waited["error"] == read["error"] == replayed["error"]
    assert len(proxy.posts) == 1


def test_what_was_cancelled_after_a_failed_attempt_tells_of_both(driver, proxy):
    failed = {"type": "Failure", "code": "busy", "message": "Not now.", "outcome": "unknown"}
    body = {**CANCELLED, "error": {**failed, "retriable": True, "details": [1], "attempt": 2}}
    proxy.reset([Instead(status=200, body=json.dumps(body))])

    ended = driver.call("execute", name="probe-nothing", idempotency_key="k")

    own = {"code": "cancelled", "outcome": "unknown", "details": [1], "attempt": 2}
    assert ended["error"].items() >= {**own, "retriable": False, "type": "Failure"}.items()
    assert told_of(ended).endswith("Before that it had failed: busy: Not now.")


def told_of(ended) -> str:
    """What the error of an outcome says to people."""
    return ended["error"]["message"]


def test_a_cancel_that_is_sent_again_after_the_end_is_answered_as_before(
    driver, tmp_path, name, of
):
    params = {"gate": str(tmp_path / "gate")}
    begun = driver.call("start", of=of, name="probe-wait-for-cancel", params=params)
    cancel = {"of": of, "id": begun["id"], "idempotency_key": name}

    asked = driver.call("cancel", **cancel)
    driver.call("wait", of=of, id=begun["id"], timeout=30)
    again = driver.call("cancel", **cancel)

    assert asked["id"] == again["id"] == begun["id"]
    assert again["status"] == "cancelled"
