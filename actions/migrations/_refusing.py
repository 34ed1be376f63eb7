"""Partitions refuse TRUNCATE by themselves: a trigger of the whole table does not stand for them.

A trigger waits until nobody writes to its partition, and whoever wants to write waits behind it. So
each is made by itself, and lets others go first while somebody writes for long.
"""

import time

from django.db import OperationalError, transaction

LOCK_SECONDS = 2
PATIENCE_SECONDS = 600

REFUSE = """CREATE TRIGGER log_is_not_truncated BEFORE TRUNCATE ON {partition}
    FOR EACH STATEMENT EXECUTE FUNCTION actions_log_is_append_only()"""
ALLOW = 'DROP TRIGGER IF EXISTS log_is_not_truncated ON {partition}'

PARTITIONS = """
SELECT part.inhrelid::regclass::text FROM pg_inherits AS part
WHERE part.inhparent = %s::regclass AND %s = EXISTS (
    SELECT FROM pg_trigger WHERE tgrelid = part.inhrelid AND tgname = 'log_is_not_truncated')
"""


def refuse(schema_editor, tables):
    """Every partition of these tables refuses TRUNCATE."""
    _change(schema_editor.connection, tables, statement=REFUSE, has_it=False)


def allow(schema_editor, tables):
    """None does any more."""
    _change(schema_editor.connection, tables, statement=ALLOW, has_it=True)


def _change(connection, tables, *, statement, has_it):
    for table in tables:
        with connection.cursor() as cursor:
            cursor.execute(PARTITIONS, [table, has_it])
            found = [partition for (partition,) in cursor.fetchall()]
        for partition in found:
            _patiently(connection, statement.format(partition=partition))


def _patiently(connection, statement):
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
                cursor.execute(statement)
            return
        except OperationalError as refused:
            if getattr(refused.__cause__, 'sqlstate', None) != '55P03' or time.monotonic() > until:
                raise
        time.sleep(LOCK_SECONDS)
