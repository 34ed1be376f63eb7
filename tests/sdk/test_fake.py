"""The fake for tests of one's own; test_contract.py holds it beside the service."""

import asyncio

import pytest

from do_sdk import ActionFailed, NotFound, RunFailed
from do_sdk.testing import Call, Failure, FakeService


def decline(params):
    raise Failure("card_declined", "The card was declined.", details={"reason": "limit"})


ACTIONS = {"probe-echo": lambda params: params.get("value"), "probe-decline": decline}


def test_the_fake_remembers_what_it_was_asked():
    fake = FakeService({"greet": lambda params: f"Hello, {params['name']}"})

    with fake.do() as do:
        do.action.execute("greet", {"name": "Ada"}, idempotency_key="k")
        do.action.execute("greet", {"name": "Ada"}, idempotency_key="k")

    assert fake.calls == [Call(name="greet", params={"name": "Ada"}, key="k")] * 2


def test_the_fake_tells_a_workflow_from_an_action_of_its_name():
    fake = FakeService({"greet": lambda _: "an action"}, workflows={"greet": lambda _: "a run"})

    with fake.do() as do:
        run = do.workflow.execute("greet", idempotency_key="k")
        execution = do.action.execute("greet", idempotency_key="k")
        read = do.runs.get(run.id)
        with pytest.raises(NotFound, match="execution-not-found"):
            do.executions.get(run.id)

    assert (run.result, read.result, execution.result) == ("a run", "a run", "an action")
    assert [call.kind for call in fake.calls] == ["workflow", "action"]


def test_the_fake_lets_a_workflow_fail():
    fake = FakeService(workflows=ACTIONS)

    with fake.do() as do:
        run = do.workflow.execute("probe-decline")

    assert run.error.code == "card_declined"
    with pytest.raises(RunFailed, match="probe-decline"):
        run.unwrap()


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
