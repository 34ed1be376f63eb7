"""What a database role may do that web processes and workers use. Floor: the site.

They need not own the tables. A role that owns none cannot switch a trigger off, and one that may
not update or delete the log cannot rewrite it, whatever code runs in the process.
"""

from collections.abc import Iterable

from django.db import connection
from psycopg import sql

from actions.models import ActionVersion, AuditEvent, ExecutionEvent, LogLine, Seal, SealLeaf
from workflows.models import BulkRerun, BulkRerunEntry, RunEvent, RunSignal, WorkflowVersion

APPEND_ONLY = frozenset(
    model._meta.db_table
    for model in (
        *(ActionVersion, AuditEvent, ExecutionEvent, LogLine),
        *(RunEvent, Seal, SealLeaf, WorkflowVersion),
    )
)
# What people have asked for stays as it was; only how far it has come is written beside it.
BESIDE = {
    BulkRerun._meta.db_table: ("finished_at", "stopped_at", "stopped_by", "execution_id"),
    BulkRerunEntry._meta.db_table: ("taken_at", "new_run_id", "why"),
    RunSignal._meta.db_table: ("taken_by",),
}
_READ_ONLY = frozenset({"django_migrations"})


def statements(role: str) -> list[str]:
    """The SQL that gives the role what it needs in this database, and takes away all else.

    For the owner of the tables to run, again after each migration: it reads which tables there are.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_schema()")
        database, schema = cursor.fetchone()
    present = connection.introspection.django_table_names(only_existing=True, include_views=False)
    others = sorted(set(present) - APPEND_ONLY - BESIDE.keys())
    names = {
        "role": sql.Identifier(role),
        "database": sql.Identifier(database),
        "schema": sql.Identifier(schema),
        "others": _list(others),
        "append_only": _list(sorted(APPEND_ONLY | BESIDE.keys())),
        "read_only": _list(sorted(_READ_ONLY)),
    }
    beside = [
        sql.SQL("GRANT UPDATE ({}) ON {} TO {};").format(
            _list(columns), sql.Identifier(table), names["role"]
        )
        for table, columns in BESIDE.items()
    ]
    lines = [sql.SQL(line).format(**names) for line in _LINES]
    return [line.as_string() for line in (*lines, *beside)]


def _list(tables: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, tables))


# Partitions are reached through their tables, so nobody needs a right on them.
_LINES = (
    "GRANT CONNECT ON DATABASE {database} TO {role};",
    "GRANT USAGE ON SCHEMA {schema} TO {role};",
    "REVOKE CREATE ON SCHEMA {schema} FROM {role};",
    "REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role};",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON {others} TO {role};",
    "GRANT SELECT, INSERT ON {append_only} TO {role};",
    "GRANT SELECT ON {read_only} TO {role};",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role};",
    "GRANT EXECUTE ON FUNCTION actions_make_partitions() TO {role};",
    "GRANT EXECUTE ON FUNCTION workflows_make_partitions() TO {role};",
)
