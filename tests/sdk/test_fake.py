"""The fake for tests of one's own says what the service says."""

import asyncio

import pytest

from do_sdk import ActionFailed, NotFound
from do_sdk.testing import Call, Failure, FakeService
from tests.sdk.drivers import Python


def decline(params):
    raise Failure("card_declined", "The card was declined.", details={"reason": "limit"})


ACTIONS = {"probe-echo": lambda params: params.get("value"), "probe-decline": decline}
SAME = [
    {"name": "probe-echo", "params": {"value": 1}, "idempotency_key": "one"},
    {"name": "probe-echo", "params": {"value": 1}, "idempotency_key": "one"},
    {"name": "probe-echo", "params": {"value": 2}, "idempotency_key": "one"},
    {"name": "probe-decline", "params": {}, "idempotency_key": "two"},
    {"name": "probe-decline", "params": {}, "idempotency_key": "two"},
    {"name": "probe-nowhere", "params": {}, "idempotency_key": "three"},
]
TOLD = ("ok", "status", "result", "error", "replayed", "key", "raised")


def told(outcome):
    """What can be equal of two outcomes, one of a fake; nobody guesses ids, types and texts."""
    found = {name: outcome.get(name) for name in TOLD}
    if found["error"]:
        found["error"] = {name: found["error"][name] for name in ("code", "message", "details")}
    if found["raised"]:
        found["raised"] = {
            name: found["raised"][name] for name in ("type", "code", "status", "key")
        }
    return found


def test_the_fake_answers_as_the_service_does(driver, name):
    fake = Python(FakeService(ACTIONS).do())
    asked = [call | {"idempotency_key": f"{name}-{call['idempotency_key']}"} for call in SAME]

    outcomes = [told(driver.call("execute", **call)) for call in asked]
    faked = [told(fake.call("execute", **call)) for call in asked]
    fake.close()

    assert faked == outcomes


def test_the_fake_remembers_what_it_was_asked():
    fake = FakeService({"greet": lambda params: f"Hello, {params['name']}"})

    with fake.do() as do:
        do.action.execute("greet", {"name": "Ada"}, idempotency_key="k")
        do.action.execute("greet", {"name": "Ada"}, idempotency_key="k")

    assert fake.calls == [Call(name="greet", params={"name": "Ada"}, key="k")] * 2


def test_the_fake_refuses_when_it_is_told_to():
    fake = FakeService({"greet": lambda params: "Hello"})
    fake.refuse_next(503, "not-accepting")
    fake.refuse_next(404, "action-not-found")

    with fake.do() as do, pytest.raises(NotFound):
        do.action.execute("greet")

    assert fake.calls == []


def test_the_fake_serves_asyncio_too():
    fake = FakeService(ACTIONS)

    async def call():
        async with fake.async_do() as do:
            outcome = await do.action.execute("probe-decline")
            return outcome, await do.executions.get(outcome.id)

    outcome, read = asyncio.run(call())

    assert read.id == outcome.id
    with pytest.raises(ActionFailed, match="card_declined: The card was declined"):
        outcome.unwrap()
