"""The engine's own plans: always by index.

Floor 4. A plan of a prepared statement is kept for a long time, and the tables that it was made for
were perhaps empty: where it is `steady` the planner may use nothing but the indexes that these
statements were written for, however many rows it expects. A lane keeps its session so and loosens
it for the bodies, whose own queries are none of our business.
"""

from typing import Any
from weakref import WeakSet

import psycopg
from django.db import connection

from actions.executions import statements

_SETTINGS = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_material": "off",
    "jit": "off",
}
# What a batch of statements may contain to plan by index from there on, or as everybody else does.
STEADY = "; ".join(f"SET {name} = {value}" for name, value in _SETTINGS.items())
LOOSE = "; ".join(f"RESET {name}" for name in _SETTINGS)
_STEADY_HERE = STEADY.replace("SET ", "SET LOCAL ")

_KEPT: "WeakSet[psycopg.Connection[Any]]" = WeakSet()


def steady() -> None:
    """From here to the end of the open transaction, plan by index."""
    if not _is_kept():
        statements.send(_STEADY_HERE)


def keep() -> None:
    """From here on, plan by index in this session: it is a lane's. Not within a transaction."""
    if not _is_kept():
        statements.send(STEADY)
        _KEPT.add(connection.connection)


def loosen() -> None:
    """Let what follows plan as everybody else does, until the session is tidied."""
    if _is_kept():
        statements.send(LOOSE)


def _is_kept() -> bool:
    raw = connection.connection
    return raw is not None and raw in _KEPT
