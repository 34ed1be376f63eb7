"""The database sessions that an action's threads have opened. Floor 5.

One that is left within a transaction keeps its locks for as long as the process lives.
"""

import threading
import weakref
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


class Sessions:
    """Notes the sessions of all threads but the worker's own, which are known by their names."""

    def __init__(self, *, ours: tuple[str, ...]) -> None:
        self._ours = ours
        self._seen: weakref.WeakSet[BaseDatabaseWrapper] = weakref.WeakSet()

    def watch(self) -> None:
        """Begin to take notes."""
        connection_created.connect(self._note)

    def are_left_open(self) -> bool:
        """Whether an action's thread has a session that is within a transaction."""
        return any(one.connection is not None and one.in_atomic_block for one in list(self._seen))

    def _note(self, *, connection: BaseDatabaseWrapper, **_: Any) -> None:
        thread = threading.current_thread()
        if thread is not threading.main_thread() and not thread.name.startswith(self._ours):
            self._seen.add(connection)
