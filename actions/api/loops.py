"""Something of which each event loop has one. Floor 5."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class OneForEachLoop(Generic[T]):
    """Gives what belongs to the running event loop, made when it is first asked for.

    A server has one loop. Where there is none, each call that waits brings its own, so those that
    are closed are forgotten.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._kept: dict[asyncio.AbstractEventLoop, T] = {}

    def __call__(self) -> T:
        loop = asyncio.get_running_loop()
        if loop not in self._kept:
            for closed in [other for other in tuple(self._kept) if other.is_closed()]:
                self._kept.pop(closed, None)
            self._kept[loop] = self._make()
        return self._kept[loop]

    def __len__(self) -> int:
        return len(self._kept)
