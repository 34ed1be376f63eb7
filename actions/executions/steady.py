"""The engine's own statements: planned once, and always by index.

Floor 4. Planning them would cost more than running them, so they are prepared. A plan is kept for
a long time, and the tables that it was made for were perhaps empty: inside `steady` the planner may
use nothing but the indexes that these statements were written for, however many rows it expects.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection

_STEADY = """
SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off; SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off; SET LOCAL enable_material = off; SET LOCAL jit = off
"""

_SELDOM = 1_000_000


def steady() -> None:
    """From here to the end of the open transaction, plan by index.

    Call it after the bodies have run: their own queries are none of our business.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STEADY)


def run(statement: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run a prepared statement in the open transaction and return its rows."""
    connection.ensure_connection()
    raw = connection.connection
    if raw.prepare_threshold is None:
        # Django switches preparing off; its own cursors do not prepare in any case.
        raw.prepare_threshold = _SELDOM
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        cursor.execute(statement, params, prepare=True)
        return cursor.fetchall() if cursor.description else []
