"""What a call gives, the same for Do, AsyncDo and the JavaScript client."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from actions.models import Execution
from tests.fixtures.waiting import wait_until
from tests.probe.models import Mark
from tests.sdk.http_proxy import Instead

BUSY = Instead(status=503, body="<h1>busy</h1>")
LIMITED = Instead(status=429, headers={"Retry-After": "1"})
PROBLEM = {"Content-Type": "application/problem+json"}
UNKNOWN_FAULT = Instead(status=500, headers=PROBLEM, body='{"code": "internal", "detail": "Oh."}')
KNOWN_FAULT = Instead(
    status=500, headers=PROBLEM, body='{"code": "internal", "retriable": true, "detail": "Oh."}'
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A call under some trouble: what comes of it, how often it was sent, how often it ran."""

    turns: list[Any] = field(default_factory=list)
    call: dict[str, Any] = field(default_factory=dict)
    outcome: dict[str, Any] = field(default_factory=lambda: {"ok": True, "status": "succeeded"})
    sent: int = 1
    executed: int = 1


SAFE = {
    "without trouble": Case(outcome={"ok": True, "replayed": False, "error": None}),
    "a connection lost before the service has it": Case(turns=["lose"], sent=2),
    "a connection dropped after sending": Case(turns=["drop"], sent=2),
    "a connection dropped four times": Case(turns=["drop", "lose", "drop", "lose"], sent=5),
    "a proxy that sends it twice": Case(turns=["repeat"]),
    "a proxy that answers twice": Case(turns=["stutter"]),
    "a busy service": Case(turns=[BUSY], sent=2),
    "a service too busy to answer what it did": Case(
        turns=[Instead(status=504, is_sent=True)], sent=2
    ),
    "a bad gateway": Case(turns=[Instead(status=502)], sent=2),
    "a request time-out": Case(turns=[Instead(status=408)], sent=2),
    "a fault that says that sending again may help": Case(turns=[KNOWN_FAULT], sent=2),
}
REFUSED = {
    "a fault that says nothing": (UNKNOWN_FAULT, "Unavailable", "internal", 500),
    "an answer that leads elsewhere": (
        Instead(status=302, headers={"Location": "https://elsewhere.invalid/"}),
        "UnusableAnswer",
        "unusable-answer",
        302,
    ),
    "a page instead of an answer": (
        Instead(status=200, body="<h1>Welcome</h1>"),
        "UnusableAnswer",
        "unusable-answer",
        200,
    ),
    "an unknown 4xx": (Instead(status=418), "ApiError", "http-418", 418),
}


@pytest.mark.parametrize("case", SAFE.values(), ids=SAFE)
def test_a_call_has_one_effect_and_the_same_key_on_each_try(driver, proxy, name, case):
    proxy.reset(case.turns)

    outcome = driver.call("execute", name="probe-mark", params={"name": name}, **case.call)

    assert case.outcome.items() <= outcome.items(), outcome
    assert len(proxy.posts) == case.sent
    assert {one.body["idempotency_key"] for one in proxy.posts} == {outcome["key"]}
    assert len({one.content for one in proxy.posts}) == 1
    assert Execution.objects.filter(params__name=name).count() == case.executed
    assert Mark.objects.filter(name=name).count() == case.executed


@pytest.mark.parametrize(("turn", "kind", "code", "status"), REFUSED.values(), ids=REFUSED)
def test_what_sending_again_cannot_help_is_raised_at_once(
    driver, proxy, name, turn, kind, code, status
):
    proxy.reset([turn])

    outcome = driver.call(
        "execute", name="probe-mark", params={"name": name}, idempotency_key=f"key-{name}"
    )

    raised = outcome["raised"]
    assert (raised["type"], raised["code"], raised["status"]) == (kind, code, status)
    assert raised["key"] == f"key-{name}"
    assert len(proxy.posts) == 1


def test_what_the_service_says_of_waiting_is_kept(driver, proxy, name):
    proxy.reset([LIMITED])

    outcome = driver.call("execute", name="probe-mark", params={"name": name})

    assert outcome["ok"]
    assert [one.body["idempotency_key"] for one in proxy.posts] == [outcome["key"]] * 2
    assert proxy.seconds_between(0, 1) >= 1


def test_a_wait_beyond_the_time_left_is_raised_and_not_waited_for(driver, proxy, name):
    proxy.reset([Instead(status=429, headers={"Retry-After": "3600"})])

    outcome = driver.call("execute", name="probe-mark", params={"name": name})

    assert outcome["raised"]["type"] == "RateLimited"
    assert outcome["raised"]["key"] == proxy.posts[0].body["idempotency_key"]


def test_an_action_that_fails_is_a_value_and_never_sent_again(driver, proxy):
    outcome = driver.call("execute", name="probe-decline", params={})

    assert (outcome["ok"], outcome["status"], outcome["result"]) == (False, "failed", None)
    assert outcome["error"]["code"] == "card_declined"
    assert outcome["error"]["message"] == "The card was declined."
    assert outcome["error"]["details"] == {"reason": "limit"}
    assert len(proxy.seen) == 1


@pytest.mark.parametrize("value", [None, 0, "", False, [], {}, "ä\u2028😀", 2**53 - 1, -0.5])
def test_a_result_comes_as_it_is_and_replays_as_it_is(driver, name, value):
    call = {"name": "probe-echo", "params": {"value": value}, "idempotency_key": name}

    first = driver.call("execute", **call)
    again = driver.call("execute", **call)

    assert (first["result"], first["replayed"]) == (value, False)
    assert (again["result"], again["replayed"]) == (value, True)
    assert (again["id"], again["key"]) == (first["id"], name)


REFUSALS = {
    "other params": ({"name": "probe-echo", "params": {"value": 2}}, "Invalid", 422),
    "an action that is not there": ({"name": "no-such/action"}, "NotFound", 404),
    "params that do not fit": ({"name": "probe-mark", "params": {"nome": 1}}, "Invalid", 422),
    "a key that is none": ({"name": "probe-echo", "idempotency_key": "a b\n"}, "Invalid", 400),
}


@pytest.mark.parametrize(("call", "kind", "status"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_raised_with_all_that_one_needs(driver, proxy, name, call, kind, status):
    driver.call("execute", name="probe-echo", params={"value": 1}, idempotency_key=name)
    proxy.reset()
    call = {"idempotency_key": name, **call}

    raised = driver.call("execute", **call)["raised"]

    assert (raised["type"], raised["status"]) == (kind, status)
    assert raised["key"] == call["idempotency_key"]
    assert raised["request_id"].startswith("req_")
    assert len(proxy.seen) == 1


def test_a_key_that_is_unknown_is_raised(as_other, driver):
    stranger = as_other(driver, "executions:read")

    raised = stranger.call("execute", name="probe-echo", params={})["raised"]

    assert (raised["type"], raised["code"], raised["status"]) == (
        "Forbidden",
        "insufficient-scope",
        403,
    )


def test_a_slow_action_is_waited_for_past_the_service_s_own_wait(driver, proxy):
    outcome = driver.call("execute", name="probe-nap", params={"seconds": 2.5}, timeout=5)

    waits = [one.headers["prefer"] for one in proxy.seen]
    assert (outcome["ok"], outcome["replayed"]) == (True, False)
    assert waits[0] == "wait=2"
    assert len(proxy.posts) == 1


def test_a_key_that_may_not_read_waits_all_the_same(as_other, driver, proxy):
    writer = as_other(driver, "actions:execute")

    outcome = writer.call("execute", name="probe-nap", params={"seconds": 2.5}, timeout=5)

    assert (outcome["ok"], outcome["replayed"]) == (True, False)
    assert len({one.body["idempotency_key"] for one in proxy.posts}) == 1


def test_what_does_not_end_in_time_is_raised_with_its_handle_and_key(driver, tmp_path, name):
    gate = tmp_path / "gate"
    call = {"name": "probe-hold", "params": {"name": name, "gate": str(gate)}}

    raised = driver.call("execute", **call, timeout=2)["raised"]
    gate.touch()
    ended = driver.call("wait", id=raised["handle"], timeout=20)
    again = driver.call("execute", **call, idempotency_key=raised["key"])

    assert (raised["type"], raised["code"], raised["status"]) == ("Pending", "pending", 202)
    assert (ended["ok"], ended["key"]) == (True, raised["key"])
    assert (again["id"], again["replayed"]) == (raised["handle"], True)


def test_a_line_that_stays_silent_is_raised_with_the_key(driver, proxy, name):
    proxy.reset(["hang"] * 9)

    raised = driver.call("execute", name="probe-mark", params={"name": name}, timeout=1.5)["raised"]

    assert (raised["type"], raised["status"]) == ("ConnectionFailed", None)
    assert raised["key"] == proxy.posts[0].body["idempotency_key"]
    proxy.cut_all()


def test_a_line_that_is_lost_after_acceptance_leaves_a_handle(driver, proxy, tmp_path, name):
    params = {"name": name, "gate": str(tmp_path / "gate")}
    proxy.reset(["pass", *["lose"] * 40])

    raised = driver.call("execute", name="probe-hold", params=params, timeout=3)["raised"]
    (tmp_path / "gate").touch()
    proxy.reset()

    assert raised["type"] == "Pending"
    assert driver.call("wait", id=raised["handle"], timeout=20)["ok"]


@pytest.mark.parametrize("then", ["wait", ""])
def test_start_returns_at_once_and_its_handle_waits(driver, proxy, name, then):
    outcome = driver.call("start", name="probe-mark", params={"name": name}, then=then)

    assert proxy.seen[0].headers["prefer"] == "respond-async"
    assert outcome["status"] in (["succeeded"] if then else ["queued", "running", "succeeded"])


def test_a_handle_follows_its_log_to_the_end(driver, name):
    types = driver.call(
        "start", name="probe-flaky", params={"name": name, "fail_times": 1}, then="events"
    )

    assert types[:2] == ["accepted", "queued"]
    assert types.count("attempt_started") == 2
    assert types[-1] == "succeeded"


def test_a_log_is_taken_up_again_where_the_line_broke(driver, proxy, name):
    params = {"name": name, "fail_times": 1}
    done = driver.call("execute", name="probe-flaky", params=params)
    whole = driver.call("events", id=done["id"], after=0)
    proxy.reset(["lose", BUSY])

    rest = driver.call("events", id=done["id"], after=whole[2])

    assert whole == sorted(set(whole))
    assert rest == whole[3:]
    assert [one.headers["last-event-id"] for one in proxy.seen] == [str(whole[2])] * 3


def test_a_handle_cancels_what_runs(driver, tmp_path):
    gate = tmp_path / "gate"
    asked = driver.call(
        "start", name="probe-wait-for-cancel", params={"gate": str(gate)}, then="cancel"
    )

    ended = driver.call("wait", id=asked["id"], timeout=30)

    assert (ended["status"], ended["ok"]) == ("cancelled", False)
    assert driver.call("cancel", id=asked["id"])["raised"]["type"] == "Conflict"


def test_a_failed_execution_is_run_again_with_other_params(driver, name):
    params = {"name": name, "fail_times": 3}
    failed = driver.call("execute", name="probe-flaky", params=params, timeout=20)

    again = driver.call("rerun", id=failed["id"], params={"name": name, "fail_times": 0})

    assert failed["error"]["code"] == "not_yet"
    assert (again["ok"], again["replayed"]) == (True, False)
    assert again["id"] != failed["id"]


def test_a_stored_failure_is_retried_when_that_is_asked_for(driver, proxy, name):
    call = {
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


def test_one_execution_is_read_by_its_id(driver, name):
    made = driver.call("execute", name="probe-echo", params={"value": name})

    read = driver.call("get", id=made["id"])

    assert (read["id"], read["result"], read["key"]) == (made["id"], name, made["key"])
    assert driver.call("get", id="exec_00000000000000000000000000")["raised"]["type"] == "NotFound"


def test_the_time_that_the_service_may_wait_is_less_than_the_line_s(driver, proxy, name):
    for timeout in (0.9, 4, 30, 300):
        driver.call("execute", name="probe-mark", params={"name": name}, timeout=timeout)

    waits = [one.headers["prefer"] for one in proxy.posts]
    assert waits == ["respond-async", "wait=2", "wait=15", "wait=20"] or waits[1:] == [
        "wait=1",
        "wait=14",
        "wait=20",
    ]
    wait_until(lambda: Mark.objects.filter(name=name).count() == 4, what="their ends")
