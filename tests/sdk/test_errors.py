"""Errors are values that can be kept, and every trouble with the line is one of them."""

import asyncio
import copy
import inspect
import pickle
import socket
import threading
import time
from collections.abc import Callable
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
    answers,
)
from do_sdk.kinds import EXECUTIONS
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

    with pytest.raises((TypeError, ValueError), match=r"give|can stand in no address") as caught:
        asyncio.run(told_wrongly(do, call))

    assert not isinstance(caught.value, UnicodeError)
    assert sent == []


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
