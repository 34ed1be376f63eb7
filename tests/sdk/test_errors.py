"""Errors are values that can be kept, and every trouble with the line is one of them."""

import asyncio
import copy
import inspect
import pickle
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import httpx2
import pytest

from do_sdk import (
    ActionFailed,
    AsyncDo,
    ConnectionFailed,
    Do,
    DoError,
    Invalid,
    Pending,
    UnusableAnswer,
    WebhookInvalid,
    WrongOption,
    answers,
)
from do_sdk.kinds import EXECUTIONS
from do_sdk.testing import FakeService
from do_sdk.wire import Answer
from tests.sdk.drivers import all_of
from tests.sdk.test_core import answer

PROBLEM = b'{"code": "params-invalid", "errors": [{"pointer": "/a", "code": "c", "detail": "d"}]}'


def record(status: str):
    request = type("Request", (), {"known_by": None})
    return EXECUTIONS.read(answer(status), request)


def revived(error: DoError) -> DoError:
    """The same after a way to another process."""
    return pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes


def pending() -> Pending:
    found = Pending(record("running"), key="k-2")
    found.handle = threading.Lock()
    return found


ERRORS = {
    "a refusal": lambda: answers.refusal(Answer(status=422, content=PROBLEM)),
    "a broken line": lambda: ConnectionFailed("cut", is_retriable=False),
    "no answer of the API": lambda: UnusableAnswer("a page", code="unusable-answer", status=200),
    "a message": lambda: WebhookInvalid("too old"),
    "a failure": lambda: ActionFailed(record("failed")),
    "what has not ended": pending,
}


@pytest.mark.parametrize("make", ERRORS.values(), ids=ERRORS)
@pytest.mark.parametrize("kept", [revived, copy.copy])
def test_an_error_can_be_kept_and_is_the_same_then(make, kept):
    error = make()

    again = kept(error)

    assert (type(again), str(again)) == (type(error), str(error))
    told = {name: value for name, value in vars(error).items() if name != "handle"}
    assert vars(again) == told
    assert again.is_retriable == error.is_retriable


def test_a_pending_that_unwrap_raises_has_no_handle():
    with pytest.raises(Pending) as caught:
        record("running").unwrap()

    assert caught.value.handle is None


def test_a_refusal_keeps_its_kind():
    assert isinstance(revived(ERRORS["a refusal"]()), Invalid)


def test_an_address_that_cannot_be_is_an_error_of_this_package():
    with (
        Do("as_1", base_url="http://a.invalid", timeout=2) as do,
        pytest.raises(DoError, match=r"address of the request .* Check the base URL, and ids"),
    ):
        do.executions.get("x" * 100_000)


WRONG = {
    "a name with half a sign": lambda do: do.action.execute("\ud800"),
    "a name that is no text": lambda do: do.workflow.start(5),
    "no name": lambda do: do.action.execute(""),
    "an id with half a sign": lambda do: do.runs.pause("\udfff"),
    "no id": lambda do: do.executions.get(None),
    "the id of a log": lambda do: all_of(do.executions.events("\ud800")),
    "a step with half a sign": lambda do: do.runs.answer("run_1", "\ud800", "approved"),
    "a filter with half a sign": lambda do: do.executions.list({"q": "\ud800"}),
    "a filter that is no text": lambda do: do.executions.list({"status": [5]}),
    "a time-out that is no number": lambda do: do.action.execute("x", timeout="5"),
    "a time-out that is not": lambda do: do.action.execute("x", timeout=float("nan")),
    "no time at all": lambda do: do.executions.wait("exec_1", timeout=0),
    "a wish that there is not": lambda do: do.action.execute("x", onFailed="retry"),
    "a wish of another value": lambda do: do.action.execute("x", on_failed="again"),
    "a wish that is none": lambda do: do.workflow.start("x", on_conflict=None),
    "a wish that is no truth": lambda do: do.action.execute("x", allow_unknown_outcome="no"),
    "notes that are a text": lambda do: do.action.execute("x", metadata="a"),
    "a key that is a number": lambda do: do.action.execute("x", idempotency_key=5),
    "a key without a sign": lambda do: do.action.execute("x", idempotency_key=""),
    "a key of a command": lambda do: do.runs.pause("run_1", idempotency_key=b"k"),
    "params that are an empty list": lambda do: do.action.execute("x", []),
    "params that are zero": lambda do: do.workflow.execute("x", 0),
    "params that are an empty text": lambda do: do.action.start("x", ""),
    "params of a re-run": lambda do: do.executions.rerun("exec_1", params=[]),
    "another decision": lambda do: do.runs.answer("run_1", "ask", "yes"),
    "an answer that is a list": lambda do: do.runs.answer("run_1", "a", "approved", answer=[]),
    "another extent": lambda do: do.runs.rerun_preview("run_1", what="all"),
    "no extent": lambda do: do.runs.rerun("run_1", digest="d"),
    "a wish with a slip": lambda do: do.runs.rerun_preview("r", what="whole", resaon="q"),
    "a digest that is a number": lambda do: do.runs.rerun("r", what="whole", digest=5),
    "a version that is no number": lambda do: do.runs.rerun_preview("r", what="whole", version=1.5),
    "no reason": lambda do: do.executions.cancel("exec_1", reason=None),
    "a note that is a number": lambda do: do.runs.resume("run_1", note=5),
    "a payload with a set": lambda do: do.runs.send_event("run_1", "paid", [{1}]),
    "params that hold themselves": lambda do: do.action.execute("x", itself()),
    "filters that are a list": lambda do: do.executions.list(["status"]),
    "filters that are an empty list": lambda do: do.runs.list([]),
    "no entries": lambda do: do.executions.list(limit=0),
    "a cursor that is a number": lambda do: do.executions.list(cursor=5),
    "less than no event": lambda do: all_of(do.executions.events("exec_1", after=-1)),
    "an event that is a text": lambda do: all_of(do.runs.events("run_1", after="x")),
    "an id that leads elsewhere": lambda do: do.executions.get("."),
    "an id that leads up": lambda do: do.runs.get(".."),
    "a name that leads up": lambda do: do.action.execute(".."),
    "less than none": lambda do: do.action.start("x", timeout=-1),
    "a time-out of truth": lambda do: do.runs.wait("run_1", timeout=True),
}


async def told_wrongly(do: Do | AsyncDo, call: Callable[[Do | AsyncDo], Any]) -> None:
    found = call(do)
    if inspect.isawaitable(found):
        await found


@pytest.mark.parametrize("call", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("client", [Do, AsyncDo])
def test_what_is_told_wrongly_is_said_before_anything_is_sent(client, call):
    sent = []
    transport = httpx2.MockTransport(sent.append)
    do = client("as_1", base_url="http://a.invalid", transport=transport)

    with pytest.raises(WrongOption, match=r"give|did you mean (on_failed|reason)\?"):
        asyncio.run(told_wrongly(do, call))

    assert sent == []


@pytest.mark.parametrize("call", WRONG.values(), ids=WRONG)
def test_the_fake_refuses_what_is_told_wrongly_too(call):
    fake = FakeService({"x": lambda _: None}, workflows={"x": lambda _: None})

    with fake.do() as do, pytest.raises(WrongOption):
        asyncio.run(told_wrongly(do, call))

    assert fake.calls == []


NO_JSON = {
    "params.a[1] is nan,": {"a": [0, float("nan")]},
    "params.a is -inf,": {"a": float("-inf")},
    "params.a.b[0] is a set,": {"a": {"b": [{1}]}},
    "params.at is a datetime,": {"at": datetime(2026, 1, 1, tzinfo=UTC)},
    "params.a is a bytes,": {"a": b"x"},
    "params.a has 1 for a name; give texts": {"a": {1: 2}},
}


@pytest.mark.parametrize(("advice", "params"), NO_JSON.items())
def test_what_json_does_not_have_is_said_with_its_place(advice, params):
    with FakeService().do() as do, pytest.raises(WrongOption) as caught:
        do.action.execute("x", params)

    assert str(caught.value).startswith(advice)


def test_any_mapping_may_be_params():
    fake = FakeService({"echo": lambda params: params})
    params = MappingProxyType({"a": MappingProxyType({"b": (1, True, None, 0.5)})})

    with fake.do() as do:
        assert do.action.execute("echo", params).result == {"a": {"b": [1, True, None, 0.5]}}


def itself() -> dict[str, Any]:
    """Params that hold themselves."""
    params: dict[str, Any] = {}
    params["a"] = params
    return params


def test_waiting_for_a_free_connection_counts_as_time_of_the_call():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with Do("as_1", base_url=url, max_connections=1) as do:
            other = threading.Thread(target=failing, args=(do, 2.0))
            other.start()
            line, _ = silent.accept()
            began = time.monotonic()
            failing(do, 3.0)
            took = time.monotonic() - began
            other.join()
            line.close()

    assert took < 3.5


def failing(do: Do, timeout: float) -> None:
    """A call to what never answers."""
    with pytest.raises(ConnectionFailed):
        do.executions.wait("exec_1", timeout=timeout)
