"""How a worker leaves that cannot go on. Floor 5.

An error of ours, or an attempt that will not end, must not leave a process behind that looks alive:
its threads would keep the lease, and nobody would take over what it holds.
"""

import logging
import os
import sys
from typing import NoReturn

from django.db import DatabaseError, InterfaceError, connection

from actions.executions.bench import Bench
from actions.executions.parting import shut
from actions.executions.reap import SETTLED

logger = logging.getLogger(__name__)

EXIT_CODE = 70  # EX_SOFTWARE


def at_once(what: str, *, bench: Bench) -> NoReturn:
    """Log the error that is being handled and end the process, whatever its threads do.

    What has not begun is returned first, if the database lets it. The supervisor sees the exit
    code, ends the lease and starts another worker.
    """
    try:
        logger.critical("%s cannot go on; this worker leaves.", what, exc_info=True)
        connection.close()
        _shut(bench)
    finally:
        _end(EXIT_CODE)


def because(reason: str, *, bench: Bench) -> NoReturn:
    """End the process for an attempt that is settled already; it is nobody else's error.

    What has not begun is returned first, if the database lets it.
    """
    try:
        logger.error("%s; this worker leaves and is replaced.", reason)
        _shut(bench, end_reason=SETTLED)
    finally:
        _end(EXIT_CODE)


def orderly() -> NoReturn:
    """End a process that has signed off, even if an action has left threads behind in it."""
    _end(0)


def _shut(bench: Bench, *, end_reason: str = "") -> None:
    try:
        shut(bench, end_reason=end_reason)
    except (DatabaseError, InterfaceError) as refused:
        logger.warning("What has not begun is left to whoever reaps this worker: %s", refused)


def _end(code: int) -> NoReturn:
    try:
        logging.shutdown()
        sys.stdout.flush()
    finally:
        os._exit(code)
