"""A worker's part in sealing the log. Floor 5.

A full hour takes the database seconds, in which the heart must beat: what is due is sealed by a
thread that comes for it and goes again, with a connection of its own.
"""

import logging
import threading
import time

import psycopg
from django.db import Error, connection

from actions import seals

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 60


class Sealing:
    """Looks once a minute whether an hour is to be sealed, and has it sealed in the background."""

    def __init__(self) -> None:
        self._next_look = time.monotonic()
        self._thread: threading.Thread | None = None

    def look(self) -> None:
        """Begin to seal if something is due; costs two small statements a minute."""
        is_at_work = self._thread is not None and self._thread.is_alive()
        if is_at_work or time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _LOOK_SECONDS
        if seals.is_due():
            self._thread = threading.Thread(target=_seal, name="sealing", daemon=True)
            self._thread.start()


def _seal() -> None:
    try:
        while seals.seal_next() is not None:
            pass
    except (Error, psycopg.Error) as failed:
        logger.warning(
            "The log could not be sealed now: %s; if this goes on, run manage.py verify_log.",
            failed,
        )
    finally:
        connection.close()
