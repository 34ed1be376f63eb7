"""The engine's own plans: always by index.

Floor 4. A plan of a prepared statement is kept for a long time, and the tables that it was made for
were perhaps empty: inside `steady` the planner may use nothing but the indexes that these
statements were written for, however many rows it expects.
"""

from django.db import connection

_STEADY = """
SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off; SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off; SET LOCAL enable_material = off; SET LOCAL jit = off
"""


def steady() -> None:
    """From here to the end of the open transaction, plan by index.

    Call it after the bodies have run: their own queries are none of our business.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STEADY)
