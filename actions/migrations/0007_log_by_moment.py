# An index over a partitioned table cannot be made concurrently: it is made for each partition,
# and attached to that of the whole table. A partition that comes meanwhile has it from the start.

import django.contrib.postgres.indexes
from django.db import migrations

INDEXES = (
    ('actions_executionevent', 'at', 'event_by_moment'),
    ('actions_logline', 'stored_at', 'line_by_moment'),
)
WITHOUT = """
SELECT part.inhrelid::regclass::text FROM pg_inherits AS part
WHERE part.inhparent = %s::regclass AND NOT EXISTS (
    SELECT FROM pg_inherits AS attached
    JOIN pg_index AS own ON own.indexrelid = attached.inhrelid
    WHERE attached.inhparent = %s::regclass AND own.indrelid = part.inhrelid)
"""


def add(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for table, column, name in INDEXES:
            over = f'USING brin ({column}) WITH (autosummarize = on)'
            cursor.execute(f'CREATE INDEX IF NOT EXISTS {name} ON ONLY {table} {over}')
            cursor.execute(WITHOUT, [table, name])
            for (partition,) in cursor.fetchall():
                own = f'{partition}_by_moment'
                # One that was begun and broken off is of no use.
                cursor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {own}')
                cursor.execute(f'CREATE INDEX CONCURRENTLY {own} ON {partition} {over}')
                cursor.execute(f'ALTER INDEX {name} ATTACH PARTITION {own}')


def remove(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for _, _, name in INDEXES:
            cursor.execute(f'DROP INDEX IF EXISTS {name}')


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('actions', '0006_audit'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add, remove)],
            state_operations=[
                migrations.AddIndex(
                    model_name='executionevent',
                    index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['at'], name='event_by_moment'),
                ),
                migrations.AddIndex(
                    model_name='logline',
                    index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['stored_at'], name='line_by_moment'),
                ),
            ],
        ),
    ]
