"""Following a log, and taking it up again where the line broke. Floor: core, pure."""

from collections.abc import Callable

from do_sdk import answers, wire
from do_sdk.budget import Budget
from do_sdk.errors import ConnectionFailed, DoError
from do_sdk.records import Event

STREAM = "text/event-stream"
# How long the line may be silent; the service says every 15 s that it is still there.
SILENCE_SECONDS = 45.0
# How long it may stay broken.
BROKEN_SECONDS = 60.0
_END = "end"


class Follower:
    """One log, over as many connections as it takes; every event comes once, in order."""

    def __init__(
        self,
        execution_id: str,
        *,
        after: int,
        clock: Callable[[], float],
        chance: Callable[[], float],
    ) -> None:
        self.request = wire.events(execution_id)
        self.is_over = False
        self._clock, self._chance = clock, chance
        self._last_seq = after
        self._mend()

    def headers(self) -> dict[str, str]:
        """What asks for the events after the last that was seen."""
        return {"Accept": STREAM, "Last-Event-ID": str(self._last_seq)}

    def take(self, name: str, text: str) -> Event | None:
        """Read one message of the stream; None if it is no event of the log."""
        if name == _END:
            self.is_over = True
        if name == _END or not text:
            return None
        event = answers.event(text)
        self._last_seq = event.seq
        self._mend()
        return event

    def delay_after(self, error: DoError | None) -> float:
        """How long to wait before connecting again; raises the error if that cannot help.

        None is a stream that has ended before the log, as long ones do.
        """
        error = error or ConnectionFailed("The stream ended before the log.")
        self._try_count += 1
        delay = self._budget.delay_after(error, try_count=self._try_count)
        if delay is None:
            raise error
        return delay

    def _mend(self) -> None:
        until = self._clock() + BROKEN_SECONDS
        self._budget = Budget(until=until, clock=self._clock, chance=self._chance)
        self._try_count = 0
