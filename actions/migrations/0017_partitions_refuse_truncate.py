# Each partition of the log refuses TRUNCATE by itself, those that are there and those that come.

from django.db import migrations

from actions.migrations import _refusing as refusing
from actions.migrations._sealed import LEND_PARTITIONER

TABLES = ('actions_executionevent', 'actions_logline')
REFUSE = """EXECUTE format(
                        'CREATE TRIGGER log_is_not_truncated BEFORE TRUNCATE ON %I
                            FOR EACH STATEMENT EXECUTE FUNCTION actions_log_is_append_only()',
                        parent || to_char(month AT TIME ZONE 'UTC', '_YYYY_MM'));"""
MAKE = """
CREATE OR REPLACE FUNCTION actions_make_partitions() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    month timestamptz;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(7020584457219);
    FOREACH parent IN ARRAY ARRAY['actions_executionevent', 'actions_logline'] LOOP
        FOR ahead IN 0..2 LOOP
            month := date_trunc('month', clock_timestamp(), 'UTC') + make_interval(months => ahead);
            IF to_regclass(parent || to_char(month AT TIME ZONE 'UTC', '_YYYY_MM')) IS NULL THEN
                BEGIN
                    EXECUTE format(
                        'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                        parent || to_char(month AT TIME ZONE 'UTC', '_YYYY_MM'), parent,
                        actions_first_id(month), actions_first_id(month + interval '1 month'));
                    {refuse}
                    made := made + 1;
                EXCEPTION WHEN check_violation THEN
                    -- The default partition already has rows of that month; it keeps them.
                    RAISE NOTICE 'The month % of % stays in the rest.', month, parent;
                END;
            END IF;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
"""
# What is replaced is lent no more.
MAKE_REFUSING = MAKE.replace('{refuse}', REFUSE) + LEND_PARTITIONER
MAKE_AS_BEFORE = MAKE.replace('{refuse}', '') + LEND_PARTITIONER


def refuse(apps, schema_editor):
    refusing.refuse(schema_editor, TABLES)


def allow(apps, schema_editor):
    refusing.allow(schema_editor, TABLES)


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('actions', '0016_what_commands_asked'),
    ]

    operations = [
        migrations.RunSQL(MAKE_REFUSING, MAKE_AS_BEFORE),
        migrations.RunPython(refuse, allow),
    ]
