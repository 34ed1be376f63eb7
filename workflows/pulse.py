"""What a worker shows its supervisor, in memory that both see. Floor 5.

A worker that hangs in C code cannot say anything; what it wrote before can still be read. All
times are of the monotonic clock, which every process of a machine shares.
"""

import ctypes
import time
from multiprocessing.sharedctypes import RawArray

from django.conf import settings

from actions.executions.reap import LOOP_OVERRAN, OVERRAN

# A worker goes round at every poll, and waits no longer than its lease for a database.
_PATIENCE_SECONDS = 25.0
WEDGED = "wedged"

_TURN, _DEADLINE, _LOOP_TURN, _LOOP_DEADLINE = range(4)


class Pulse:
    """Four moments in shared memory, made before the fork; 0 is none."""

    def __init__(self) -> None:
        self._moments = RawArray(ctypes.c_double, 4)

    def turn(self, *, is_loop: bool = False) -> None:
        """The lane has gone round once more."""
        self._moments[_LOOP_TURN if is_loop else _TURN] = time.monotonic()

    def note_deadline(self, deadline: float | None) -> None:
        """Until when the body may run that the main lane runs now."""
        self._moments[_DEADLINE] = deadline or 0.0
        self.turn()

    def note_loop_deadline(self, deadline: float | None) -> None:
        """Until when the first of the coroutines may run."""
        self._moments[_LOOP_DEADLINE] = deadline or 0.0
        self.turn(is_loop=True)

    def end_loop(self) -> None:
        """The lane of coroutines has ended, and need not go round any more."""
        self._moments[_LOOP_TURN] = self._moments[_LOOP_DEADLINE] = 0.0

    def reason_to_end(self) -> str | None:
        """Why the process must be ended from outside now, if it must.

        An attempt past its time-out is the worker's own business at first: only when that has not
        helped within twice the grace is it ours.
        """
        now, grace = time.monotonic(), 2 * settings.ACTIONSITE_TIMEOUT_GRACE_SECONDS + 1
        if 0 < self._moments[_DEADLINE] < now - grace:
            return OVERRAN
        if 0 < self._moments[_LOOP_DEADLINE] < now - grace:
            return LOOP_OVERRAN
        longest = (
            settings.ACTIONSITE_LEASE_SECONDS + settings.ACTIONSITE_POLL_SECONDS + _PATIENCE_SECONDS
        )
        is_running = self._moments[_DEADLINE] > 0
        is_stuck = 0 < self._moments[_TURN] < now - longest and not is_running
        is_loop_stuck = 0 < self._moments[_LOOP_TURN] < now - longest
        return WEDGED if is_stuck or is_loop_stuck else None


class _Mine:
    """Where the pulse of this process is; a process without a supervisor has one all the same."""

    pulse = Pulse()


def adopt(pulse: Pulse) -> None:
    """From now on this process shows that pulse."""
    _Mine.pulse = pulse


def mine() -> Pulse:
    """The pulse of this process."""
    return _Mine.pulse
