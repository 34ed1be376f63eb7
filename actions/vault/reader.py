"""Reading secrets while an action's code runs.

Floor 4. On a thread of its own with a connection of its own: a coroutine's loop knows no database,
and a body's transaction is not ours to read in.
"""

from concurrent.futures import ThreadPoolExecutor

from django.db import InterfaceError, OperationalError, connection, connections

from actions.vault import secrets

# Workers do not take it for a thread that an action has left behind.
THREAD_NAME = "vault"


class Reader:
    """Reads secrets for the attempts of one lane."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=THREAD_NAME)

    def __call__(self, name: str, *, action: str) -> str | None:
        """The value that an action may read now; None if there is none. Raises VaultLocked."""
        return self._thread.submit(_read, name, action).result()

    def close(self) -> None:
        """Give the connection back."""
        self._thread.submit(connections.close_all)
        self._thread.shutdown()


def _read(name: str, action: str) -> str | None:
    try:
        return secrets.read(name, action=action)
    except (InterfaceError, OperationalError):
        # The connection may have been cut since the last time.
        connection.close()
        return secrets.read(name, action=action)
