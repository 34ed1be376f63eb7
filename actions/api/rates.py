"""How often a caller may call: an even rate, with a minute's worth at once.

Floor 5; pure but for its own memory. Each caller is one number, the moment at which its past
requests would have been spaced out evenly (the generic cell rate algorithm of ATM Forum 1996).
"""

import math
import threading
from dataclasses import dataclass

WINDOW_SECONDS = 60.0
_KEPT_CALLERS = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How a caller stands after a request: what is left, and when all of it will be back.

    `wait_seconds` is None if the request may pass, else how long until one may.
    """

    limit: int
    remaining: int
    reset_seconds: float
    wait_seconds: float | None = None


class Rates:
    """The memory of one process."""

    def __init__(self) -> None:
        self._spent_until: dict[str, float] = {}
        self._lock = threading.Lock()

    def count(self, caller: str, *, limit: int, now: float) -> Standing:
        """Count a request of the caller, who may send `limit` in a minute; refused ones are free.

        `now` is any clock in seconds that only rises.
        """
        cost = WINDOW_SECONDS / limit
        with self._lock:
            spent = max(self._spent_until.get(caller, now), now) - now
            excess = spent + cost - WINDOW_SECONDS
            if excess > 0:
                return Standing(limit=limit, remaining=0, reset_seconds=spent, wait_seconds=excess)
            self._keep(caller, now + spent + cost, now)
        left = math.floor((WINDOW_SECONDS - spent - cost) / cost + 1e-9)
        return Standing(limit=limit, remaining=left, reset_seconds=spent + cost)

    def _keep(self, caller: str, spent_until: float, now: float) -> None:
        if len(self._spent_until) >= _KEPT_CALLERS:
            # Who has all of it back need not be remembered.
            remembered = self._spent_until.items()
            self._spent_until = {name: until for name, until in remembered if until > now}
        self._spent_until[caller] = spent_until
