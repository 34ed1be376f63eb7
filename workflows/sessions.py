"""The database sessions of a worker's process: the engine's, and those that actions have opened. Floor 5.

One that an action leaves open keeps its locks for as long as the process lives, and its place among
those that the server allows.
"""

import threading
import weakref
from collections.abc import Iterator
from typing import Any

import psycopg
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

_LISTENING: "weakref.WeakSet[psycopg.Connection[Any]]" = weakref.WeakSet()


def is_ours(listening: "psycopg.Connection[Any]") -> None:
    """Say that the engine has opened this one, past Django."""
    _LISTENING.add(listening)


class Sessions:
    """Notes the sessions of all threads; the worker's own threads are known by their names."""

    def __init__(self, *, ours: tuple[str, ...]) -> None:
        self._ours = ours
        self._seen: weakref.WeakSet[BaseDatabaseWrapper] = weakref.WeakSet()
        self._engine: weakref.WeakSet[BaseDatabaseWrapper] = weakref.WeakSet()

    def watch(self) -> None:
        """Begin to take notes; before the worker's threads begin."""
        connection_created.connect(self._note)

    def are_left_open(self) -> bool:
        """Whether an action's thread has a session that is within a transaction."""
        return any(one.connection is not None and one.in_atomic_block for one in list(self._seen))

    def descriptors(self) -> set[int]:
        """The sockets of the engine's sessions, and of those that this thread has of Django."""
        wrappers = [*connections.all(initialized_only=True), *list(self._engine)]
        raw = [one.connection for one in wrappers]
        return set(_descriptors([*raw, *_LISTENING]))

    def _note(self, *, connection: BaseDatabaseWrapper, **_: Any) -> None:
        thread = threading.current_thread()
        if thread is threading.main_thread():
            return
        if thread.name.startswith(self._ours):
            self._engine.add(connection)
        else:
            self._seen.add(connection)


def _descriptors(raw: "list[psycopg.Connection[Any] | None]") -> Iterator[int]:
    for one in raw:
        try:
            if one is not None:
                yield one.fileno()
        except psycopg.Error:
            continue  # closed
