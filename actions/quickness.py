"""Which actions are quick enough to share a transaction with others.

Floor 1, pure. Nobody's result should wait for a neighbour, so an action joins a group only once
its recent bodies were short.
"""

from collections import defaultdict, deque

QUICK_SECONDS = 0.005
_REMEMBERED = 40
_SEEN_ENOUGH = 3


class Quickness:
    """The recent body durations of each action, as one worker has seen them."""

    def __init__(self) -> None:
        self._recent: defaultdict[str, deque[float]] = defaultdict(
            lambda: deque(maxlen=_REMEMBERED)
        )
        self._quick: set[str] = set()

    def saw(self, action: str, seconds: float) -> None:
        """Remember how long a body took, in seconds."""
        recent = self._recent[action]
        recent.append(seconds)
        slow = sum(1 for one in recent if one > QUICK_SECONDS)
        # At most one in twenty is slow: the 95th percentile is short.
        if len(recent) >= _SEEN_ENOUGH and slow * 20 <= len(recent):
            self._quick.add(action)
        else:
            self._quick.discard(action)

    def quick(self) -> frozenset[str]:
        """The actions that may share a transaction now."""
        return frozenset(self._quick)
