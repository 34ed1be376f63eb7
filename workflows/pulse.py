"""What a worker shows its supervisor, in memory that both see. Floor 5.

A worker that hangs in C code cannot say anything; what it wrote before can still be read. All
times are of the monotonic clock, which every process of a machine shares. What guards a worker has
the clock by its own name: a body may replace that of the module `time`.
"""

import ctypes
from multiprocessing.sharedctypes import RawArray, RawValue
from time import monotonic

from django.conf import settings

from actions.executions.reap import LOOP_OVERRAN, OVERRAN

# A worker goes round at every poll, and waits no longer than its lease for a database.
_PATIENCE_SECONDS = 25.0
WEDGED = "wedged"

SILENT = "silent"

IN_WORDS = {
    OVERRAN: "an action of its main lane would not end",
    LOOP_OVERRAN: "a coroutine would not end",
    SILENT: "its heartbeat is silent",
    WEDGED: "it stands still",
}
_TURN, _DEADLINE, _LOOP_TURN, _LOOP_DEADLINE, _BEAT = range(5)


class Pulse:
    """Five moments in shared memory, made before the fork; 0 is none."""

    def __init__(self) -> None:
        self._moments = RawArray(ctypes.c_double, 5)
        self._worker_id = RawValue(ctypes.c_longlong)

    @property
    def worker_id(self) -> int:
        """Which row is the worker's; 0 as long as it has none.

        Host and process id would not do: containers may have both alike.
        """
        return int(self._worker_id.value)

    def introduce(self, worker_id: int) -> None:
        """Say which row is the worker's."""
        self._worker_id.value = worker_id

    def turn(self, *, is_loop: bool = False) -> None:
        """The lane has gone round once more."""
        self._moments[_LOOP_TURN if is_loop else _TURN] = monotonic()

    def beat(self) -> None:
        """The heartbeat's thread has had its turn."""
        self._moments[_BEAT] = monotonic()

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
        now = monotonic()
        grace: float = settings.ACTIONSITE_TIMEOUT_GRACE_SECONDS
        lease: float = settings.ACTIONSITE_LEASE_SECONDS
        # Without a heartbeat for so long, others have taken what it holds.
        is_silent = self._is_past(_BEAT, now - lease - 4 * grace)
        for deadline, overran in ((_DEADLINE, OVERRAN), (_LOOP_DEADLINE, LOOP_OVERRAN)):
            if self._is_past(deadline, now if is_silent else now - 2 * grace - 1):
                return overran
        if is_silent:
            return SILENT
        longest = now - lease - settings.ACTIONSITE_POLL_SECONDS - _PATIENCE_SECONDS
        is_running = self._moments[_DEADLINE] > 0
        is_stuck = self._is_past(_TURN, longest) and not is_running
        return WEDGED if is_stuck or self._is_past(_LOOP_TURN, longest) else None

    def _is_past(self, what: int, moment: float) -> bool:
        return 0 < self._moments[what] < moment


class _Mine:
    """Where the pulse of this process is; a process without a supervisor has one all the same."""

    pulse = Pulse()


def adopt(pulse: Pulse) -> None:
    """From now on this process shows that pulse."""
    _Mine.pulse = pulse


def mine() -> Pulse:
    """The pulse of this process."""
    return _Mine.pulse
