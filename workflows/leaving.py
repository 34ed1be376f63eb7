"""How a worker leaves that cannot go on. Floor 5.

An error of ours, or an attempt that will not end, must not leave a process behind that looks alive:
its threads would keep the lease, and nobody would take over what it holds.
"""

import logging
import os
import sys
from typing import NoReturn

logger = logging.getLogger(__name__)

EXIT_CODE = 70  # EX_SOFTWARE


def at_once(what: str) -> NoReturn:
    """Log the error that is being handled and end the process, whatever its threads do.

    The supervisor sees the exit code, ends the lease and starts another worker.
    """
    try:
        logger.critical("%s cannot go on; this worker leaves.", what, exc_info=True)
    finally:
        _end(EXIT_CODE)


def because(reason: str) -> NoReturn:
    """End the process for that reason, which is nobody's error."""
    logger.error("%s; this worker leaves and is replaced.", reason)
    _end(EXIT_CODE)


def orderly() -> NoReturn:
    """End a process that has signed off, even if an action has left threads behind in it."""
    _end(0)


def _end(code: int) -> NoReturn:
    try:
        logging.shutdown()
        sys.stdout.flush()
    finally:
        os._exit(code)
