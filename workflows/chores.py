"""A worker's part in the upkeep: it seals the log, and rolls up what has ended. Floor 5.

What is due may take the database seconds, in which the heart must beat: it is done by a thread that
comes for it and goes again, with a connection of its own.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import psycopg
from django.db import Error, connection

from actions import rollups, seals

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 60
THREAD_NAME = "chore"


@dataclass(frozen=True, kw_only=True, slots=True)
class Chore:
    """Something that any worker does now and then, and one of them at a time.

    `is_due` costs next to nothing; `step` does a part of it, and returns None once nothing is left
    to do now. `failed` says what that means, and what to do.
    """

    is_due: Callable[[], bool]
    step: Callable[[], object | None]
    failed: str


CHORES = (
    Chore(
        is_due=seals.is_due,
        step=seals.seal_next,
        failed="The log could not be sealed now: %s; if this goes on, run manage.py verify_log.",
    ),
    Chore(
        is_due=rollups.is_due,
        step=rollups.fold_next,
        failed="What has ended could not be rolled up now: %s; pages show figures up to then.",
    ),
)


class Upkeep:
    """Looks once a minute what is due, and has it done in the background."""

    def __init__(self) -> None:
        self._next_look = monotonic()
        self._threads: dict[Chore, threading.Thread] = {}

    def look(self) -> None:
        """Begin what is due; costs some small statements a minute."""
        if monotonic() < self._next_look:
            return
        self._next_look = monotonic() + _LOOK_SECONDS
        for chore in CHORES:
            thread = self._threads.get(chore)
            is_at_work = thread is not None and thread.is_alive()
            if not is_at_work and chore.is_due():
                self._begin(chore)

    def _begin(self, chore: Chore) -> None:
        thread = threading.Thread(target=_do_all, args=[chore], name=THREAD_NAME, daemon=True)
        self._threads[chore] = thread
        thread.start()


def _do_all(chore: Chore) -> None:
    try:
        while chore.step() is not None:
            pass
    except (Error, psycopg.Error) as failed:
        logger.warning(chore.failed, failed)
    finally:
        connection.close()
