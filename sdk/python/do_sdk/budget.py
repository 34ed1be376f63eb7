"""How the time of one call is spent: waiting, time-outs, delays. Floor: core, pure.

The clock and chance come in as arguments. All times are in seconds.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from do_sdk.errors import DoError

# How long the service is asked to hold an answer; it cuts this down to its own limit.
LONGEST_WAIT = 20
# How much longer than that the line may be silent.
MARGIN = 10.0
FIRST_DELAY = 0.25
LONGEST_DELAY = 8.0
# Who is told to wait for longer than a day gives up; no timer counts on for ever.
LONGEST_PAUSE = 86_400.0
_DOUBLINGS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """What one try may take: `wait` is asked of the service, and always less than `timeout`.

    `timeout` is how long the line may be silent; `left` is when all must be over.
    """

    wait: int
    timeout: float
    left: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """The time of one call; `until` is on `clock`, `chance` gives numbers from 0 to 1."""

    until: float
    clock: Callable[[], float]
    chance: Callable[[], float]

    @property
    def left(self) -> float:
        """What is left of it."""
        return self.until - self.clock()

    def allowance(self) -> Allowance:
        """What the next try may take."""
        left = max(self.left, 0.0)
        wait = math.floor(min(LONGEST_WAIT, left / 2))
        return Allowance(wait=wait, timeout=min(left, wait + MARGIN), left=left)

    def delay_after(self, error: DoError, *, try_count: int) -> float | None:
        """How long to wait before sending again after `try_count` tries; None if not at all.

        Full jitter (Brooker, *Exponential Backoff And Jitter*): any time up to one that doubles,
        and never sooner than the service says.
        """
        if not error.is_retriable:
            return None
        cap = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(try_count - 1, _DOUBLINGS))
        delay = max(self.chance() * cap, error.retry_after or 0.0)
        return delay if delay < self.left and delay <= LONGEST_PAUSE else None
