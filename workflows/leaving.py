"""How a worker leaves that cannot go on. Floor 5.

An error of ours must not leave a process behind that looks alive: its threads would keep the
lease, and nobody would take over what it holds.
"""

import logging
import os
from typing import NoReturn

logger = logging.getLogger(__name__)

EXIT_CODE = 70  # EX_SOFTWARE


def at_once(what: str) -> NoReturn:
    """Log the error that is being handled and end the process, whatever its threads do.

    The supervisor sees the exit code, ends the lease and starts another worker.
    """
    logger.critical("%s cannot go on; this worker leaves.", what, exc_info=True)
    logging.shutdown()
    os._exit(EXIT_CODE)
