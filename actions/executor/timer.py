"""A limit on how long a body may run in the main thread, and a way to interrupt it.

Floor 3. The exceptions are KeyboardInterrupts, because that is what the database driver's wait
lets through; after one of them the connection's state is unknown and it must be discarded. They
are raised again every second until the block has ended, however much of them it swallows.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN_SECONDS = 1.0
_AT_ONCE = 0.001


class AttemptInterrupted(KeyboardInterrupt):
    """The body was interrupted from outside."""


class AttemptTimedOut(AttemptInterrupted):
    """The body has run for longer than its action's timeout."""


class AttemptStopped(AttemptInterrupted):
    """The body was asked to stop and did not."""


class Alarm:
    """Interrupts the block that runs in the main thread, if one does."""

    def __init__(self) -> None:
        self._reason: type[AttemptInterrupted] | None = None

    def install(self) -> None:
        """Let the alarm ring here from now on, in the main thread."""
        signal.signal(signal.SIGALRM, self._ring)

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Raise AttemptTimedOut in the block after so many seconds.

        Works in the main thread only, where signals arrive; elsewhere there is no limit.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        previous = signal.signal(signal.SIGALRM, self._ring)
        self._reason = AttemptTimedOut
        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_SECONDS)
        try:
            yield
        finally:
            self._reason = None
            signal.setitimer(signal.ITIMER_REAL, 0)
            if previous not in (None, signal.SIG_DFL):
                signal.signal(signal.SIGALRM, previous)

    def stop(self) -> None:
        """Raise AttemptStopped in the block, from another thread; nothing if none is running."""
        if self._reason is not None:
            self._reason = AttemptStopped
            signal.setitimer(signal.ITIMER_REAL, _AT_ONCE, AGAIN_SECONDS)

    def _ring(self, signum: int, frame: FrameType | None) -> None:
        # One that arrives late, when the block has ended, interrupts nobody.
        if self._reason is not None:
            raise self._reason


alarm = Alarm()
