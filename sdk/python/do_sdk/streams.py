"""Following a log, and taking it up again where the line broke. Floor: core, pure."""

from collections.abc import Callable
from typing import Generic

from do_sdk import answers, wire
from do_sdk.budget import Budget
from do_sdk.calls import ASK_AGAIN_SECONDS, Pause, Steps, answered
from do_sdk.errors import ConnectionFailed, DoError
from do_sdk.kinds import Kept, Kind
from do_sdk.records import ENDED, Event
from do_sdk.wire import Request

STREAM = "text/event-stream"
# How long the line may be silent; the service says every 15 s that it is still there.
SILENCE_SECONDS = 45.0
# How long it may stay broken; whatever comes in begins that anew.
BROKEN_SECONDS = 60.0
_END = "end"


class Follower:
    """One log, over as many connections as it takes; every event comes once, in order."""

    def __init__(
        self,
        request: Request,
        *,
        after: int,
        clock: Callable[[], float],
        chance: Callable[[], float],
    ) -> None:
        self.request = request
        self.is_over = False
        self._clock, self._chance = clock, chance
        self._last_seq = after
        self._try_count = 0
        self._has_heard = False
        self.hear()

    def headers(self) -> dict[str, str]:
        """What asks for the events after the last that was seen, on a new connection."""
        self._has_heard = False
        return {"Accept": STREAM, "Last-Event-ID": str(self._last_seq)}

    def hear(self) -> None:
        """Something came in, if only a sign of life."""
        until = self._clock() + BROKEN_SECONDS
        self._budget = Budget(until=until, clock=self._clock, chance=self._chance)
        self._has_heard = True

    def take(self, name: str, text: str) -> Event | None:
        """Read one message of the stream; None if it is no event of the log."""
        if name == _END:
            self.is_over = True
        if name == _END or not text:
            return None
        event = answers.event(text)
        self._last_seq = event.seq
        self._try_count = 0
        return event

    def delay_after(self, error: DoError | None) -> float:
        """How long to wait before connecting again; raises the error if that cannot help.

        None is a stream that has ended before the log, as long ones do: no trouble, if anything came.
        """
        if error is None and self._has_heard:
            return ASK_AGAIN_SECONDS
        error = error or ConnectionFailed("The stream ended before the log.")
        self._try_count += 1
        delay = self._budget.delay_after(error, try_count=self._try_count)
        if delay is None:
            raise error
        return delay


class Reader(Generic[Kept]):
    """One log that is read page by page; every event comes once, in order."""

    def __init__(self, kind: Kind[Kept], identity: str, *, after: int) -> None:
        self.is_over = False
        self._kind, self._id, self._last_seq = kind, identity, after
        self._has_ended, self._is_quiet, self._has_more = False, True, True

    def more(self, *, budget: Callable[[], Budget]) -> Steps[tuple[Event, ...]]:
        """What comes after the last event that was seen; perhaps nothing yet.

        Each question has a budget of its own, begun with it: a process may stand still in a pause.
        """
        if not self._has_more:
            yield Pause(seconds=ASK_AGAIN_SECONDS)
        if self._is_quiet and not self._has_ended:
            request = wire.read(self._kind.path, self._id)
            found = yield from answered(request, self._kind.read, budget=budget())
            self._has_ended = found.is_ended
        # Read after the state: what was written before the end is in it, or in what follows it.
        request = wire.event_page(self._kind.path, self._id, after=self._last_seq)
        page = yield from answered(request, answers.events, budget=budget())
        if page.entries:
            self._last_seq = page.entries[-1].seq
        # Where nothing is said, or an end, it may have ended; that alone says that no more comes.
        self._is_quiet = not page.entries or page.entries[-1].type in ENDED
        self._has_more = bool(page.entries) and page.next_cursor is not None
        self.is_over = self._has_ended and not self._has_more
        return page.entries
