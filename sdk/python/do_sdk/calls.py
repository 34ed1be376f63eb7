"""What one call does, step by step, without doing it. Floor: core, pure.

A call is a generator. It yields what is to be done, a `Send` or a `Pause`, and is sent what came of
it; it returns the call's value or raises its error. The two clients differ only in how they do it.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from do_sdk import wire
from do_sdk.budget import Allowance, Budget
from do_sdk.errors import ConnectionFailed, DoError, Forbidden
from do_sdk.kinds import Kept, Kind
from do_sdk.records import Pending
from do_sdk.wire import Answer, Request

Value = TypeVar("Value")
# What the service says of something that has not ended, where it says nothing itself.
ASK_AGAIN_SECONDS = 1.0
# What is left of the time for the last question.
_LAST_SECONDS = 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class Send:
    """Send the request once; an Answer or a ConnectionFailed comes of it.

    The last one on its line has that closed: what was answered twice there is still to come.
    """

    request: Request
    allowance: Allowance
    is_last_on_line: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """Let so many seconds pass."""

    seconds: float


Heard: TypeAlias = Answer | ConnectionFailed | None
Steps: TypeAlias = Generator[Send | Pause, Heard, Value]
Reading: TypeAlias = Callable[[Answer, Request], Value]


def answered(request: Request, reading: Reading[Value], *, budget: Budget) -> Steps[Value]:
    """Send until there is an answer that stands, the same bytes each time.

    Raises the refusal, or the last trouble once the time is over; the error has the key.
    """
    try_count, is_broken = 0, False
    while True:
        heard = yield Send(request=request, allowance=budget.allowance(), is_last_on_line=is_broken)
        try_count += 1
        try:
            return _read(heard, reading, request)
        except DoError as error:
            error.key = request.key
            delay = budget.delay_after(error, try_count=try_count)
            if delay is None:
                raise
            is_broken = isinstance(error, ConnectionFailed)
        yield Pause(seconds=delay)


def executed(kind: Kind[Kept], request: Request, *, budget: Budget) -> Steps[Kept]:
    """Begin one, and wait for the end. Raises Pending if the time is over before."""
    request = wire.waiting(request)
    first = yield from answered(request, kind.read, budget=budget)
    if first.is_ended:
        return first
    try:
        ended = yield from waited(kind, first, key=first.key, budget=budget)
    except Forbidden:
        # This API key may begin and not read: asking again with the same key is reading, too.
        ended = yield from _until_ended(
            first, kind.read, request=wire.asked_again(request), key=first.key, budget=budget
        )
    # Asking again is no replay if the first answer was none.
    return replace(ended, replayed=first.replayed)


def waited(kind: Kind[Kept], latest: Kept, *, key: str | None, budget: Budget) -> Steps[Kept]:
    """Wait for the end of one that was asked for with that key.

    Raises Pending if the time is over before.
    """
    request = wire.waiting(wire.read(kind.path, latest.id))
    return (yield from _until_ended(latest, kind.read, request=request, key=key, budget=budget))


def found_and_waited(kind: Kind[Kept], identity: str, *, budget: Budget) -> Steps[Kept]:
    """The same for one of which only the id is known."""
    request = wire.waiting(wire.read(kind.path, identity))
    latest = yield from answered(request, kind.read, budget=budget)
    return (yield from waited(kind, latest, key=latest.key, budget=budget))


def _until_ended(
    latest: Kept, reading: Reading[Kept], *, request: Request, key: str | None, budget: Budget
) -> Steps[Kept]:
    while not latest.is_ended:
        began = budget.clock()
        try:
            latest = yield from answered(request, reading, budget=budget)
        except DoError as error:
            error.key = key
            if error.is_retriable:
                raise Pending(latest, key=key) from error
            raise
        if latest.is_ended:
            return latest
        # An answer that was held back has waited already; any other would come at once again.
        rest = max(ASK_AGAIN_SECONDS - (budget.clock() - began), 0.0)
        left = budget.left - _LAST_SECONDS
        if left <= 0:
            raise Pending(latest, key=key)
        if rest:
            yield Pause(seconds=min(rest, left))
    return latest


def _read(heard: Heard, reading: Reading[Value], request: Request) -> Value:
    if isinstance(heard, Answer):
        return reading(heard, request)
    raise heard or ConnectionFailed("Nothing came back.")
