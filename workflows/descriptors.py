"""The files and sockets that actions have left open in a worker's process. Floor 5.

A session with the database that nobody closes keeps its locks for as long as the process lives, and
is known only by its socket: whose it is, is told by the server at its other end.
"""

import os
import socket
import stat
import threading
from collections.abc import Collection
from typing import Any
from uuid import UUID

from workflows.sessions import Sessions

_OPEN = "/proc/self/fd"
_MAX_NEW = 200
_MAX_OF_A_COROUTINE = 20
# So long a thread of the engine's may take from its socket to its session: two seconds.
_LOOKS, _LOOK_SECONDS = 40, 0.05

# A number is used again; with the inode it is one socket.
Socket = tuple[int, int]


class Descriptors:
    """Compares what is open after a plain body with what was open before the first."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._count = 0
        # Sockets that lead elsewhere, and those that were there before the first body.
        self._sockets: set[Socket] = set()
        self._servers: set[Any] = set()
        # Which coroutines were under way when it was first seen: any of them may have opened it.
        self._suspects: dict[Socket, Collection[UUID]] = {}

    def take_as_normal(self) -> None:
        """Remember what is open now that the worker is set up."""
        numbers = _numbers()
        self._count = len(numbers)
        self._sockets = {one for one in map(_as_socket, numbers) if one}

    def found(self, *, under_way: Collection[UUID]) -> list[str]:
        """What has been left open, beside what these coroutines may have in use."""
        found, numbers = [], _numbers()
        if len(numbers) > self._count + _MAX_NEW + _MAX_OF_A_COROUTINE * len(under_way):
            found.append("many open files")
        if self._has_foreign(numbers, under_way):
            found.append("a database session that it did not close")
        return found

    def _has_foreign(self, numbers: set[int], under_way: Collection[UUID]) -> bool:
        """Look again for a while: a thread of the engine's may be opening a session just now."""
        for _ in range(_LOOKS):
            if not self._foreign(numbers, under_way):
                return False
            threading.Event().wait(_LOOK_SECONDS)
            numbers = _numbers()
        return True

    def _foreign(self, numbers: set[int], under_way: Collection[UUID]) -> list[Socket]:
        """Sockets to the database that are nobody's.

        Each number is looked at every time: what was a file a moment ago may be a session now.
        """
        ours = self._sessions.descriptors()
        found = {one for one in map(_as_socket, numbers - ours) if one}
        self._sockets &= found
        new = found - self._sockets
        if not new:
            self._suspects = {}
            return []
        self._servers |= {server for one in ours if (server := _server(one))}
        servers = {one: server for one in new if (server := _server(one[0]))}
        sessions = {one for one, server in servers.items() if server in self._servers}
        self._sockets |= servers.keys() - sessions
        seen = {one: self._suspects.get(one, under_way) for one in sessions}
        self._suspects = {
            one: [each for each in coroutines if each in under_way]
            for one, coroutines in seen.items()
        }
        return [one for one, coroutines in self._suspects.items() if not coroutines]


def _numbers() -> set[int]:
    return set(map(int, os.listdir(_OPEN)))  # noqa: PTH208  # the system's word, cheaply


def _as_socket(number: int) -> Socket | None:
    """None for a file, and for what has been closed meanwhile."""
    try:
        found = os.fstat(number)
    except OSError:
        return None
    return (number, found.st_ino) if stat.S_ISSOCK(found.st_mode) else None


def _server(number: int) -> Any:
    """The address at the other end; None where there is none."""
    try:
        probe = socket.socket(fileno=number)
    except OSError:
        return None
    try:
        return probe.getpeername() or None
    except OSError:
        return None
    finally:
        probe.detach()
