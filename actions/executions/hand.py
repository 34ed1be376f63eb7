"""What the main lane of a worker has claimed and not begun.

Floor 4. The lane runs one body at a time, and a body may take far longer than its like has so far:
what waits behind it is given back then, by the heartbeat's thread, for whoever is idle. So is what
somebody wants cancelled before it has begun.
"""

import threading
from collections.abc import Container, Iterable
from datetime import datetime
from time import monotonic
from uuid import UUID

from actions.executions.claim import Claim

# An execution that is claimed anew has begun to be in hand at another moment.
_Held = tuple[UUID, datetime]


class Hand:
    """Shared by the lane, which begins one after the other, and by who gives the others back."""

    # So long the lane may be at one thing before what waits behind it goes.
    PATIENCE_SECONDS = 1.0

    def __init__(self) -> None:
        self._passage = threading.Lock()
        self._waiting: set[_Held] = set()
        # Taken from the lane, which may still have them in its group.
        self._withdrawn: set[_Held] = set()
        # Those of them that are still to be given back: their rows say that they are in hand.
        self._to_return: set[_Held] = set()
        self._moved_at = 0.0

    @property
    def has_waiting(self) -> bool:
        """Whether anything waits for its turn, or to be given back."""
        return bool(self._waiting or self._to_return)

    def hold(self, claims: Iterable[Claim]) -> None:
        """From now on these wait for their turn, and nothing else does."""
        with self._passage:
            claimed = {_held(one) for one in claims}
            self._waiting = claimed - self._withdrawn
            self._withdrawn &= claimed | self._to_return
            self._moved_at = monotonic()

    def begin(self, claim: Claim) -> bool:
        """Whether its turn has come; false if it was taken from the lane, which leaves it alone."""
        with self._passage:
            self._waiting.discard(_held(claim))
            self._moved_at = monotonic()
            return _held(claim) not in self._withdrawn

    def withdraw(self, cancelled: Container[UUID] = ()) -> list[UUID]:
        """Take what waits from the lane if that stands still, and what nobody wants any more.

        What was taken before and could not be given back is among it; say so with `returned`.
        """
        with self._passage:
            stands_still = monotonic() > self._moved_at + self.PATIENCE_SECONDS
            gone = {one for one in self._waiting if stands_still or one[0] in cancelled}
            self._waiting -= gone
            self._withdrawn |= gone
            self._to_return |= gone
            return sorted(identity for identity, _ in self._to_return)

    def returned(self, identities: Container[UUID]) -> None:
        """These have been given back."""
        with self._passage:
            self._to_return = {one for one in self._to_return if one[0] not in identities}


def _held(claim: Claim) -> _Held:
    return claim.id, claim.started_at
