"""A short leash for the reads of a list, so that one wide filter cannot hold the database.

Floor 5, a door.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

READ_MILLISECONDS = 2_000


@contextmanager
def bounded_reads(milliseconds: int = READ_MILLISECONDS) -> Iterator[None]:
    """Let no statement of the block take longer; the door says so to the reader if one would."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])
        yield
