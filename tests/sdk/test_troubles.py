"""A line that breaks, repeats and invents answers: one effect, the same key on each try."""

import json
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from actions.models import Execution
from tests.fixtures.waiting import wait_until
from tests.probe.models import Mark
from tests.sdk.conftest import SCOPES
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
    """A call under some trouble: what comes of it, and how often it was sent."""

    turns: list[Any] = field(default_factory=list)
    outcome: dict[str, Any] = field(default_factory=lambda: {"ok": True, "status": "succeeded"})
    sent: int = 1


SAFE = {
    "without trouble": Case(outcome={"ok": True, "replayed": False, "error": None}),
    "a connection lost before the service has it": Case(turns=["lose"], sent=2),
    "a connection dropped after sending": Case(turns=["drop"], sent=2),
    "a connection dropped four times": Case(turns=["drop", "lose", "drop", "lose"], sent=5),
    "a proxy that sends it twice": Case(turns=["repeat"]),
    "a gateway that copies the request's name": Case(turns=["copy"]),
    "a busy service": Case(turns=[BUSY], sent=2),
    "a service too busy to answer what it did": Case(
        turns=[Instead(status=504, is_sent=True)], sent=2
    ),
    "a bad gateway": Case(turns=[Instead(status=502)], sent=2),
    "a request time-out": Case(turns=[Instead(status=408)], sent=2),
    "a fault that says that sending again may help": Case(turns=[KNOWN_FAULT], sent=2),
    "an answer without a length, cut in its middle": Case(turns=["cut", "cut"], sent=3),
    **{
        f"an answer of which only {text} came": Case(
            turns=[Instead(status=200, body=text, is_sent=True)], sent=2
        )
        for text in ("", "{", '{"id": "exec', '{"id": "\\', '{"error": {"a": "}"}', '{"ok": tru')
    },
}
WHOLE = {
    "id": "exec_1",
    "object": "execution",
    "action": "probe-mark",
    "status": "succeeded",
    "result": 1,
    "error": None,
    "replayed": False,
    "idempotency": {"key": "k"},
}


def half_done(missing: str) -> Instead:
    """An answer that has ended, without one of its fields."""
    body = {name: value for name, value in WHOLE.items() if name != missing}
    return Instead(status=200, body=json.dumps(body))


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
    "an answer that is no JSON, and whole": (
        Instead(status=200, body='{"id": exec_1, "text": "{"}'),
        "UnusableAnswer",
        "unusable-answer",
        200,
    ),
    "an answer without a result": (half_done("result"), "UnusableAnswer", "unusable-answer", 200),
    "an answer without an error": (half_done("error"), "UnusableAnswer", "unusable-answer", 200),
    "an answer without an id": (half_done("id"), "UnusableAnswer", "unusable-answer", 200),
    "an answer without a status": (half_done("status"), "UnusableAnswer", "unusable-answer", 200),
    "an answer nested too deeply": (
        Instead(status=200, body="[" * 200_000),
        "UnusableAnswer",
        "unusable-answer",
        200,
    ),
    "an unknown 4xx": (Instead(status=418), "ApiError", "http-418", 418),
}


@pytest.mark.parametrize("case", SAFE.values(), ids=SAFE)
def test_a_call_has_one_effect_and_the_same_key_on_each_try(driver, proxy, name, of, case):
    proxy.reset(case.turns)

    outcome = driver.call("execute", of=of, name="probe-mark", params={"name": name})

    assert case.outcome.items() <= outcome.items(), outcome
    assert len(proxy.posts) == case.sent
    assert {one.body["idempotency_key"] for one in proxy.posts} == {outcome["key"]}
    assert len({one.content for one in proxy.posts}) == 1
    assert Execution.objects.filter(params__name=name).count() == 1
    assert Mark.objects.filter(name=name).count() == 1


@pytest.mark.parametrize("kinds", [["action"] * 3, ["workflow"] * 3, ["action", "workflow"] * 2])
def test_a_second_answer_to_one_call_is_not_taken_for_the_next_one_s(
    as_other, driver, proxy, name, kinds
):
    client = as_other(driver, *SCOPES)
    proxy.reset(["stutter", "pass", "stutter"])

    outcomes = [
        client.call("execute", of=of, name="probe-mark", params={"name": f"{name} {number}"})
        for number, of in enumerate(kinds)
    ]

    assert [each["result"]["name"] for each in outcomes] == [
        f"{name} {n}" for n in range(len(kinds))
    ]
    keys = {each["key"] for each in outcomes}
    assert {one.body["idempotency_key"] for one in proxy.posts} == keys
    assert Mark.objects.filter(name__startswith=name).count() == len(keys) == len(kinds)


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


def test_a_line_that_stays_silent_is_raised_with_the_key(driver, proxy, name):
    proxy.reset(["hang"] * 9)

    raised = driver.call("execute", name="probe-mark", params={"name": name}, timeout=1.5)["raised"]

    assert (raised["type"], raised["status"]) == ("ConnectionFailed", None)
    assert raised["key"] == proxy.posts[0].body["idempotency_key"]


@pytest.mark.parametrize("turn", ["drip", "drip_head"])
def test_an_answer_that_never_ends_is_given_up_in_time(driver, proxy, name, turn):
    proxy.reset([turn] * 9)
    began = time.monotonic()

    raised = driver.call("execute", name="probe-mark", params={"name": name}, timeout=2)["raised"]

    assert raised["type"] == "ConnectionFailed"
    assert raised["key"] == proxy.posts[0].body["idempotency_key"]
    assert time.monotonic() - began < 4


def test_the_last_second_of_a_time_out_is_used(driver, proxy, tmp_path, name):
    params = {"name": name, "gate": str(tmp_path / "gate")}
    began = time.monotonic()

    raised = driver.call("execute", name="probe-hold", params=params, timeout=2)["raised"]
    took = time.monotonic() - began
    (tmp_path / "gate").touch()

    assert raised["type"] == "Pending"
    assert 1.7 < took < 3


def test_a_line_that_is_lost_after_acceptance_leaves_a_handle(driver, proxy, tmp_path, name, of):
    params = {"name": name, "gate": str(tmp_path / "gate")}
    proxy.reset(["pass", *["lose"] * 40])

    raised = driver.call("execute", of=of, name="probe-hold", params=params, timeout=3)["raised"]
    (tmp_path / "gate").touch()
    proxy.reset()

    assert raised["type"] == "Pending"
    assert driver.call("wait", of=of, id=raised["handle"], timeout=20)["ok"]


def test_the_time_that_the_service_may_wait_is_less_than_the_line_s(driver, proxy, name):
    for timeout in (0.9, 4, 30, 300):
        driver.call("execute", name="probe-mark", params={"name": name}, timeout=timeout)

    waits = [one.headers["prefer"].removeprefix("wait=") for one in proxy.posts]
    assert waits[0] == "respond-async"
    assert [int(wait) for wait in waits[1:]] in ([2, 15, 20], [1, 14, 20], [1, 15, 20], [2, 14, 20])
    wait_until(lambda: Mark.objects.filter(name=name).count() == 4, what="their ends")


def test_a_log_is_taken_up_again_where_the_line_broke(driver, proxy, name):
    params = {"name": name, "fail_times": 1}
    done = driver.call("execute", name="probe-flaky", params=params)
    whole = driver.call("events", id=done["id"], after=0)
    proxy.reset(["lose", BUSY])

    rest = driver.call("events", id=done["id"], after=whole[2])

    assert whole == sorted(set(whole))
    assert rest == whole[3:]
    assert [one.headers["last-event-id"] for one in proxy.seen] == [str(whole[2])] * 3
