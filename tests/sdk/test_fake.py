"""The fake for tests of one's own; test_contract.py holds it beside the service."""

import asyncio

import pytest

from do_sdk import ActionFailed, DoError, Invalid, NotFound, RunFailed, WrongOption
from do_sdk.testing import Call, Cancelled, Failure, FakeService


def decline(params):
    raise Failure("card_declined", "The card was declined.", details={"reason": "limit"})


ACTIONS = {"probe-echo": lambda params: params.get("value"), "probe-decline": decline}


def test_the_fake_remembers_what_it_was_asked():
    fake = FakeService({"greet": lambda params: f"Hello, {params['name']}"})

    with fake.do() as do:
        do.action.execute("greet", {"name": "Ada"}, idempotency_key="k")
        do.action.execute("greet", {"name": "Ada"}, idempotency_key="k")

    assert fake.calls == [Call(name="greet", params={"name": "Ada"}, key="k")] * 2


def test_the_fake_keeps_the_params_of_a_call_whatever_its_function_does_with_them():
    fake = FakeService({"take": lambda params: params["items"].pop()})

    with fake.do() as do:
        found = [
            do.action.execute("take", {"items": [1, 2]}, idempotency_key="k") for _ in range(2)
        ]

    assert [each.replayed for each in found] == [False, True]
    assert [call.params for call in fake.calls] == [{"items": [1, 2]}] * 2


@pytest.mark.parametrize(("first", "other"), [(1, True), (0, False), ([{"a": 1}], [{"a": True}])])
def test_the_fake_tells_numbers_from_truth(first, other):
    fake = FakeService({"echo": lambda params: params["value"]})

    with fake.do() as do:
        do.action.execute("echo", {"value": first}, idempotency_key="k")
        with pytest.raises(Invalid, match="idempotency-key-reused"):
            do.action.execute("echo", {"value": other}, idempotency_key="k")


def test_the_fake_retries_what_has_failed_and_nothing_else():
    answers = iter([Failure("busy"), None])

    def try_it(_):
        if failure := next(answers):
            raise failure
        return "done"

    fake = FakeService({"try": try_it})
    with fake.do() as do:
        failed = do.action.execute("try", idempotency_key="k")
        replay = do.action.execute("try", idempotency_key="k")
        retried, again = (
            do.action.execute("try", idempotency_key="k", on_failed="retry") for _ in range(2)
        )
        assert do.executions.get(failed.id).error == failed.error

    assert (failed.error.code, replay.id) == ("busy", failed.id)
    assert (retried.result, retried.replayed, retried.id != failed.id) == ("done", False, True)
    assert (again.id, again.replayed) == (retried.id, True)


def test_the_fake_refuses_an_empty_key():
    fake = FakeService({"greet": lambda _: "Hello"})

    with fake.do() as do, pytest.raises(WrongOption, match="idempotency_key is ''; give"):
        do.action.execute("greet", idempotency_key="")

    assert fake.calls == []


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


@pytest.mark.parametrize("of", ["action", "workflow"])
def test_the_fake_lets_one_be_cancelled(of):
    def cancel(_):
        raise Cancelled

    fake = FakeService({"stop": cancel}, workflows={"stop": cancel})
    with fake.do() as do:
        ended = getattr(do, of).execute("stop", idempotency_key="k")
        again = getattr(do, of).execute("stop", idempotency_key="k", on_failed="retry")

    assert (ended.status, ended.ok, ended.result) == ("cancelled", False, None)
    assert (ended.error.code, again.id != ended.id) == ("cancelled", True)
    with pytest.raises(DoError, match=f"cancelled: .* {ended.id} of stop was cancelled"):
        ended.unwrap()


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
