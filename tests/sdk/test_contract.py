"""What a call gives, the same for Do, AsyncDo and the JavaScript client."""

import pytest

from do_sdk.testing import Failure, FakeService
from tests.sdk.drivers import Python
from tests.sdk.http_proxy import Instead

OWN_OF_ERROR = {
    "action": {"details": {"reason": "limit"}, "outcome": "known", "retriable": False},
    "workflow": {"step": "only"},
}


def test_what_fails_is_a_value_and_never_sent_again(driver, proxy, of):
    outcome = driver.call("execute", of=of, name="probe-decline", params={})

    assert (outcome["ok"], outcome["status"], outcome["result"]) == (False, "failed", None)
    assert outcome["error"]["code"] == "card_declined"
    assert outcome["error"]["message"].endswith("The card was declined.")
    assert outcome["error"].items() >= OWN_OF_ERROR[of].items()
    assert len(proxy.posts) == 1


@pytest.mark.parametrize("value", [None, 0, "", False, [], {}, "ä\u2028😀", 2**53 - 1, -0.5])
def test_a_result_comes_as_it_is_and_replays_as_it_is(driver, name, of, value):
    call = {"of": of, "name": "probe-echo", "params": {"value": value}, "idempotency_key": name}

    first = driver.call("execute", **call)
    again = driver.call("execute", **call)

    assert (first["result"], first["replayed"]) == (value, False)
    assert (again["result"], again["replayed"]) == (value, True)
    assert (again["id"], again["key"]) == (first["id"], name)


REFUSALS = {
    "other params": (
        {"name": "probe-echo", "params": {"value": 2}},
        ("Invalid", "idempotency-key-reused", 422),
    ),
    "what is not there": ({"name": "no-such"}, ("NotFound", "{of}-not-found", 404)),
    "what is no name": ({"name": "no-such/name"}, ("NotFound", "not-found", 404)),
    "params that do not fit": (
        {"name": "probe-mark", "params": {"nome": 1}},
        ("Invalid", "params-invalid", 422),
    ),
    "a key that is none": (
        {"name": "probe-echo", "idempotency_key": "a b\n"},
        ("Invalid", "idempotency-key-invalid", 400),
    ),
}


@pytest.mark.parametrize(("call", "told"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_raised_with_all_that_one_needs(driver, proxy, name, of, call, told):
    driver.call("execute", of=of, name="probe-echo", params={"value": 1}, idempotency_key=name)
    proxy.reset()
    call = {"of": of, "idempotency_key": name, **call}
    kind, code, status = told

    raised = driver.call("execute", **call)["raised"]

    assert (raised["type"], raised["status"]) == (kind, status)
    assert raised["code"] == code.format(of=of)
    assert raised["key"] == call["idempotency_key"]
    assert raised["request_id"].startswith("req_")
    assert len(proxy.seen) == 1


WITHOUT_RIGHT = {
    "an unknown API key": ((), ("Unauthenticated", "unauthenticated", 401)),
    "one that may not execute": (
        ("executions:read",),
        ("Forbidden", "insufficient-scope", 403),
    ),
}


@pytest.mark.parametrize(("scopes", "told"), WITHOUT_RIGHT.values(), ids=WITHOUT_RIGHT)
def test_who_has_no_right_is_told_at_once(as_other, driver, proxy, of, scopes, told):
    stranger = as_other(driver, *scopes)

    raised = stranger.call("execute", of=of, name="probe-echo", params={})["raised"]

    assert (raised["type"], raised["code"], raised["status"]) == told
    assert len(proxy.seen) == 1


def test_what_is_slow_is_waited_for_past_the_service_s_own_wait(driver, proxy, of):
    outcome = driver.call("execute", of=of, name="probe-nap", params={"seconds": 1.5})

    assert (outcome["ok"], outcome["replayed"]) == (True, False)
    assert {one.headers["prefer"] for one in proxy.seen} == {"wait=20"}
    assert len(proxy.posts) == 1
    assert len(proxy.seen) > 1


def test_a_key_that_may_not_read_waits_all_the_same(as_other, driver, proxy, of):
    writer = as_other(driver, "actions:execute", "runs:write")
    # Its question comes only after the end, which the service then answers from the record.
    proxy.reset(["pass", "pass", Instead(status=503, headers={"Retry-After": "1"})])

    outcome = writer.call("execute", of=of, name="probe-nap", params={"seconds": 1.5})

    assert (outcome["ok"], outcome["replayed"]) == (True, False)
    assert [one.method for one in proxy.seen][:4] == ["POST", "GET", "POST", "POST"]
    assert len({one.body["idempotency_key"] for one in proxy.posts}) == 1


def test_a_key_may_begin_with_a_quote(driver, name, of):
    key = f'"a\\b"{name}'
    call = {"of": of, "name": "probe-nap", "params": {"seconds": 0.1}, "idempotency_key": key}

    first, again = (driver.call("execute", **call) for _ in range(2))

    assert (first["key"], first["replayed"]) == (key, False)
    assert (again["id"], again["replayed"]) == (first["id"], True)


def test_what_does_not_end_in_time_is_raised_with_its_handle_and_key(driver, tmp_path, name, of):
    gate = tmp_path / "gate"
    call = {"of": of, "name": "probe-hold", "params": {"name": name, "gate": str(gate)}}

    raised = driver.call("execute", **call, timeout=2)["raised"]
    gate.touch()
    ended = driver.call("wait", of=of, id=raised["handle"], timeout=20)
    again = driver.call("execute", **call, idempotency_key=raised["key"])

    assert (raised["type"], raised["code"], raised["status"]) == ("Pending", "pending", 202)
    assert (ended["ok"], ended["key"]) == (True, raised["key"])
    assert (again["id"], again["replayed"]) == (raised["handle"], True)


@pytest.mark.parametrize("then", ["wait", ""])
def test_start_returns_at_once_and_its_handle_waits(driver, proxy, name, of, then):
    outcome = driver.call("start", of=of, name="probe-mark", params={"name": name}, then=then)

    assert proxy.seen[0].headers["prefer"] == "respond-async"
    assert outcome["status"] in (["succeeded"] if then else ["queued", "running", "succeeded"])


LOGS = {
    "action": ["accepted", "queued", "attempt_started", "attempt_failed", "retry_scheduled"],
    "workflow": ["accepted", "started", "step_started", "step_succeeded", "succeeded"],
}


def test_a_handle_follows_its_log_to_the_end(driver, name, of):
    params = {"name": name, "fail_times": 1}

    types = driver.call("start", of=of, name="probe-flaky", params=params, then="events")

    assert types[:5] == LOGS[of]
    assert types[-1] == "succeeded"
    assert types.count("succeeded") == 1


def test_a_failed_execution_is_run_again_with_other_params(driver, name):
    params = {"name": name, "fail_times": 3}
    failed = driver.call("execute", name="probe-flaky", params=params, timeout=20)

    again = driver.call("rerun", id=failed["id"], params={"name": name, "fail_times": 0})

    assert failed["error"]["code"] == "not_yet"
    assert (again["ok"], again["replayed"]) == (True, False)
    assert again["id"] != failed["id"]


def test_a_stored_failure_is_retried_when_that_is_asked_for(driver, proxy, name, of):
    call = {
        "of": of,
        "name": "probe-flaky",
        "params": {"name": name, "fail_times": 3},
        "idempotency_key": name,
    }
    failed = driver.call("execute", **call)

    replayed = driver.call("execute", **call)
    retried = driver.call("execute", **call, on_failed="retry")

    assert (replayed["id"], replayed["replayed"]) == (failed["id"], True)
    assert retried["id"] != failed["id"]


def test_a_list_is_filtered_and_paged(driver, name):
    for value in range(3):
        driver.call("execute", name="probe-echo", params={"value": f"{name} {value % 2}"})
    filters = {"params.value": f"{name} 0", "status": ["succeeded", "failed"]}

    first = driver.call("list", filters=filters, limit=1)
    rest = driver.call("list", filters=filters, limit=1, cursor=first["next"])

    assert [one["result"] for one in first["entries"] + rest["entries"]] == [f"{name} 0"] * 2
    assert rest["next"] is None


def test_one_is_read_by_its_id(driver, name, of):
    made = driver.call("execute", of=of, name="probe-echo", params={"value": name})
    nobody = made["id"].partition("_")[0] + "_00000000000000000000000000"

    read = driver.call("get", of=of, id=made["id"])

    assert read.items() >= {"id": made["id"], "result": name, "key": made["key"]}.items()
    assert driver.call("get", of=of, id=nobody)["raised"]["type"] == "NotFound"


def decline(params):
    raise Failure("card_declined", "The card was declined.", details={"reason": "limit"})


FAKES = {"probe-echo": lambda params: params.get("value"), "probe-decline": decline}
SAME = [
    {"name": "probe-echo", "params": {"value": 1}, "idempotency_key": "one"},
    {"name": "probe-echo", "params": {"value": 1}, "idempotency_key": "one"},
    {"name": "probe-echo", "params": {"value": 2}, "idempotency_key": "one"},
    {"name": "probe-decline", "params": {}, "idempotency_key": "two"},
    {"name": "probe-decline", "params": {}, "idempotency_key": "two"},
    {"name": "probe-nowhere", "params": {}, "idempotency_key": "three"},
]
TOLD = ("ok", "status", "result", "error", "replayed", "key", "raised")


def told(outcome, *, of):
    """What can be equal of two outcomes, one of a fake; nobody guesses ids, types and texts."""
    found = {name: outcome.get(name) for name in TOLD}
    if found["error"]:
        names = ("code", "message", "details") if of == "action" else ("code",)
        found["error"] = {name: found["error"].get(name) for name in names}
    if found["raised"]:
        found["raised"] = {
            name: found["raised"][name] for name in ("type", "code", "status", "key")
        }
    return found


def test_the_fake_answers_as_the_service_does(driver, name, of):
    fake = Python(FakeService(FAKES, workflows=FAKES).do())
    asked = [
        call | {"of": of, "idempotency_key": f"{name}-{call['idempotency_key']}"} for call in SAME
    ]

    outcomes = [told(driver.call("execute", **call), of=of) for call in asked]
    faked = [told(fake.call("execute", **call), of=of) for call in asked]
    fake.close()

    assert faked == outcomes
