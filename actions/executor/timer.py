"""A limit on how long a body may run in the main thread.

Floor 3. The exception is a KeyboardInterrupt, because that is what the database driver's wait
lets through; after it the connection's state is unknown and it must be discarded.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class AttemptTimedOut(KeyboardInterrupt):
    """The body has run for longer than its action's timeout."""


@contextmanager
def limit(seconds: float | None) -> Iterator[None]:
    """Raise AttemptTimedOut in the block after so many seconds; None is no limit.

    Works in the main thread only, where signals arrive; elsewhere there is no limit.
    """
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGALRM, _expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _expire(signum: int, frame: FrameType | None) -> None:
    raise AttemptTimedOut
