"""Wait for a database that is out of reach, instead of giving up what one holds.

Floor 4.
"""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection

T = TypeVar("T")
logger = logging.getLogger(__name__)

_FIRST_WAIT_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 1.0
_MOST_REFUSALS = 10


def is_out_of_reach(error: Exception) -> bool:
    """Whether the connection is at fault, and not the statement.

    An error without an SQLSTATE came from the driver; class 08 is of connections, and 57P of a
    server that shuts down or ends the session.
    """
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(("08", "57P"))


def is_passing(error: Exception) -> bool:
    """Whether the same transaction may well pass when it is tried again.

    Class 40 is of conflicts with others, 53 of resources that are used up; 55P03 is a lock that
    was not to be had, 57014 a statement that took too long.
    """
    state = getattr(error.__cause__, "sqlstate", None) or ""
    return state.startswith(("40", "53")) or state in ("55P03", "57014")


def until_reachable(call: Callable[[], T], *, may_wait: Callable[[], bool]) -> T:
    """Call, again and again while the database is out of reach and `may_wait` says so.

    It is called at least twice, since a new connection may be all that it takes. `call` must be fit
    to be repeated after a commit whose answer was lost. Raises what the last call raised.
    """
    wait, refusals, is_first = _FIRST_WAIT_SECONDS, 0, True
    while True:
        try:
            return call()
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            refusals += is_passing(error)
            may_pass = is_passing(error) and refusals < _MOST_REFUSALS
            if not (is_out_of_reach(error) or may_pass) or not (is_first or may_wait()):
                raise
            logger.warning("The database is out of reach, trying again: %s", error)
        time.sleep(wait)
        wait, is_first = min(wait * 2, _LONGEST_WAIT_SECONDS), False
