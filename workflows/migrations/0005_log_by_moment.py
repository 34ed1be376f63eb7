# An index over a partitioned table cannot be made concurrently: it is made for each partition,
# and attached to that of the whole table. A partition that comes meanwhile has it from the start.

import django.contrib.postgres.indexes
from django.db import migrations

OVER = 'USING brin (at) WITH (autosummarize = on)'
WITHOUT = """
SELECT part.inhrelid::regclass::text FROM pg_inherits AS part
WHERE part.inhparent = 'workflows_runevent'::regclass AND NOT EXISTS (
    SELECT FROM pg_inherits AS attached
    JOIN pg_index AS own ON own.indexrelid = attached.inhrelid
    WHERE attached.inhparent = 'run_event_by_moment'::regclass AND own.indrelid = part.inhrelid)
"""


def add(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            f'CREATE INDEX IF NOT EXISTS run_event_by_moment ON ONLY workflows_runevent {OVER}'
        )
        cursor.execute(WITHOUT)
        for (partition,) in cursor.fetchall():
            own = f'{partition}_by_moment'
            # One that was begun and broken off is of no use.
            cursor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {own}')
            cursor.execute(f'CREATE INDEX CONCURRENTLY {own} ON {partition} {OVER}')
            cursor.execute(f'ALTER INDEX run_event_by_moment ATTACH PARTITION {own}')


def remove(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('DROP INDEX IF EXISTS run_event_by_moment')


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('workflows', '0004_concurrency_key_indexes'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add, remove)],
            state_operations=[
                migrations.AddIndex(
                    model_name='runevent',
                    index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['at'], name='run_event_by_moment'),
                ),
            ],
        ),
    ]
