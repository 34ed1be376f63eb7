"""The core of the Python client: what is sent when, decided without a network and a clock."""

import json
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from do_sdk import (
    ApiError,
    ConnectionFailed,
    Pending,
    Unavailable,
    UnusableAnswer,
    answers,
    calls,
    wire,
)
from do_sdk.budget import LONGEST_DELAY, LONGEST_WAIT, Budget
from do_sdk.calls import Pause, Send
from do_sdk.kinds import EXECUTIONS
from do_sdk.streams import Reader
from do_sdk.wire import Answer

BUSY = Answer(status=503, content=b"{}")
EXECUTE = EXECUTIONS.begun_at
REQUEST = wire.begin(EXECUTE, "greet", {}, key="k", wishes={})


def answer(status: str, *, replayed: bool = False, kind: str = "execution") -> Answer:
    """An answer with an execution, or a run, in that state."""
    body = {
        "id": "exec_1",
        "object": kind,
        "action": "greet",
        "workflow": "greet",
        "status": status,
        "result": None,
        "error": None,
        "replayed": replayed,
        "idempotency": {"key": "k"},
    }
    return Answer(status=200, content=json.dumps(body).encode())


def log(*types: str, first: int = 1, cursor: str | None = None) -> Answer:
    """An answer with a page of a log."""
    entries = [
        {"seq": seq, "type": kind, "at": "now", "data": {}, "step": None}
        for seq, kind in enumerate(types, first)
    ]
    body = {"object": "list", "entries": entries, "next_cursor": cursor}
    return Answer(status=200, content=json.dumps(body).encode())


@dataclass
class World:
    """A clock that moves by what is done, and chance that always takes the longest."""

    answers: list[Answer | ConnectionFailed]
    # How long the service holds each answer back, as a share of what it is asked for.
    held: float = 0.0
    # How much longer each pause takes, where the machine does something else.
    stall: float = 0.0
    now: float = 0.0
    sent: list[Send] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def run(self, steps, heard=None):
        try:
            while True:
                heard = self.take(steps.send(heard))
        except StopIteration as end:
            return end.value

    def take(self, step):
        if isinstance(step, Pause):
            self.now += step.seconds + self.stall
            self.pauses.append(step.seconds)
            return None
        self.now += step.allowance.wait * self.held
        self.sent.append(step)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def read(self, reader: Reader) -> list[str]:
        """The types of all events up to the end of a log."""
        types = []
        while not reader.is_over:
            events = self.run(reader.more(budget=lambda: self.budget(60)))
            types += [event.type for event in events]
        return types

    def budget(self, seconds: float) -> Budget:
        return Budget(until=self.now + seconds, clock=lambda: self.now, chance=lambda: 1.0)


def test_delays_double_up_to_a_cap_and_end_with_the_time():
    world = World([BUSY])

    with pytest.raises(Unavailable) as caught:
        world.run(calls.executed(EXECUTIONS, REQUEST, budget=world.budget(60)))

    assert world.pauses[:6] == [0.25, 0.5, 1, 2, 4, LONGEST_DELAY]
    assert set(world.pauses[6:]) == {LONGEST_DELAY}
    assert world.now <= 60
    assert caught.value.key == "k"


def test_every_try_sends_the_same_bytes():
    world = World([ConnectionFailed("cut"), BUSY, answer("succeeded")])

    world.run(calls.executed(EXECUTIONS, REQUEST, budget=world.budget(60)))

    assert len({one.request.content for one in world.sent}) == 1
    assert len(world.sent) == 3


@given(st.floats(min_value=0, max_value=1e6))
def test_the_line_may_always_be_silent_for_longer_than_the_service_waits(seconds):
    allowance = World([BUSY]).budget(seconds).allowance()

    assert 0 <= allowance.wait <= LONGEST_WAIT
    assert allowance.wait < allowance.timeout or seconds == 0
    assert allowance.timeout <= seconds


def test_a_long_one_is_asked_for_as_long_as_the_service_holds_the_answer():
    world = World([answer("queued"), *[answer("running")] * 3, answer("succeeded")], held=1)

    ended = world.run(calls.executed(EXECUTIONS, REQUEST, budget=world.budget(300)))

    assert ended.ok
    assert world.pauses == []
    assert [one.request.method for one in world.sent] == ["POST", "GET", "GET", "GET", "GET"]


def test_a_service_that_does_not_hold_its_answers_is_asked_once_a_second():
    world = World([answer("running")])

    with pytest.raises(Pending) as caught:
        world.run(calls.executed(EXECUTIONS, REQUEST, budget=world.budget(10)))

    assert len(world.sent) <= 12
    assert (caught.value.key, caught.value.record.id) == ("k", "exec_1")


def test_the_last_quarter_of_a_second_is_for_the_last_question():
    world = World([answer("running")])

    with pytest.raises(Pending):
        world.run(calls.executed(EXECUTIONS, REQUEST, budget=world.budget(3.5)))

    assert world.pauses == [1, 1, 1, 0.25]
    assert (len(world.sent), world.now) == (6, 3.25)


def test_asking_again_makes_no_replay_of_the_first_answer():
    world = World([answer("running"), answer("succeeded", replayed=True)])

    ended = world.run(calls.executed(EXECUTIONS, REQUEST, budget=world.budget(60)))

    assert not ended.replayed


def test_a_question_starts_nothing_anew():
    wishes = {"on_failed": "retry", "on_conflict": "fail", "allow_unknown_outcome": True}
    request = wire.begin(EXECUTE, "greet", {"a": 1}, key="k", wishes=wishes)

    asked = json.loads(wire.asked_again(request).content)

    assert asked == {"params": {"a": 1}, "idempotency_key": "k"}


ODD = [
    {"object": ["execution"]},
    {"object": {}},
    {"object": "list", "entries": "many", "next_cursor": None},
    {"object": "list", "entries": [{"seq": 1, "type": [], "at": "", "data": {}}]},
    {"object": "list", "entries": [{"seq": "1", "type": "x", "at": "", "data": {}}]},
]


@pytest.mark.parametrize("body", ODD)
def test_an_answer_that_is_odd_in_any_place_is_an_error_of_this_package(body):
    odd = Answer(status=200, content=json.dumps({"next_cursor": None, **body}).encode())

    with pytest.raises(UnusableAnswer):
        answers.events(odd, REQUEST)


@pytest.mark.parametrize("other", [answer("succeeded", kind="run"), log()])
def test_an_answer_of_another_kind_is_a_broken_line_and_asked_for_again(other):
    world = World([other, answer("succeeded")])

    ended = world.run(calls.executed(EXECUTIONS, REQUEST, budget=world.budget(60)))

    assert ended.ok
    # The right answer is still to come where the wrong one was, and nothing after it.
    assert [one.is_last_on_line for one in world.sent] == [False, True]


def test_what_is_no_json_is_refused_before_anything_is_sent():
    with pytest.raises(ValueError, match=r"params\.a is nan, which JSON does not have"):
        wire.begin(EXECUTE, "greet", {"a": float("nan")}, key=None, wishes={})


def test_a_name_cannot_lead_to_another_address():
    request = wire.begin(EXECUTE, "../../api-keys?x=#", {}, key=None, wishes={})

    assert request.path == "/actions/..%2F..%2Fapi-keys%3Fx%3D%23/executions"


RETRY_AFTER = {
    "120": 120.0,
    "Wed, 21 Oct 2015 07:28:00 GMT": 0.0,
    "soon": None,
    "": None,
    "-1": None,
    "1.5": None,
    "NaN": None,
    "9" * 5_000: float("inf"),
    "Fri, 31 Dec 99999 23:59:59 GMT": None,
    "Fri, 99 Dec 2026 23:59:59 GMT": None,
    "Fri, 31 Dec 2026 23:59:59 +9999999999": None,
}
TOO_LONG = ["86401", "9" * 5_000, "Fri, 31 Dec 9999 23:59:59 GMT"]


@pytest.mark.parametrize(("header", "seconds"), RETRY_AFTER.items())
def test_retry_after_is_a_number_or_a_date_or_nothing(header, seconds):
    refusal = answers.refusal(Answer(status=429, content=b"", headers={"retry-after": header}))

    assert refusal.retry_after == seconds
    assert refusal.is_retriable


@pytest.mark.parametrize("header", TOO_LONG)
def test_more_than_a_day_is_not_waited_for_however_much_time_there_is(header):
    world = World([Answer(status=503, content=b"", headers={"retry-after": header})])

    with pytest.raises(Unavailable):
        world.run(calls.executed(EXECUTIONS, REQUEST, budget=world.budget(float("inf"))))

    assert (len(world.sent), world.pauses) == (1, [])


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"<html>", b'{"errors": "many"}'])
def test_a_refusal_that_is_no_problem_is_still_an_error(content):
    refusal = answers.refusal(Answer(status=403, content=content))

    assert isinstance(refusal, ApiError)
    assert (refusal.code, refusal.errors) == ("http-403", [])
