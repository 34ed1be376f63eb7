# Each partition of the log of runs refuses TRUNCATE by itself, as those of the log of executions do.

from django.db import migrations

from actions.migrations import _refusing as refusing

TABLES = ('workflows_runevent',)
REFUSE = """EXECUTE format(
                    'CREATE TRIGGER log_is_not_truncated BEFORE TRUNCATE ON %I
                        FOR EACH STATEMENT EXECUTE FUNCTION actions_log_is_append_only()', part);"""
MAKE = """
CREATE OR REPLACE FUNCTION workflows_make_partitions() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    month timestamptz;
    part text;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(7020584457219);
    FOR ahead IN 0..2 LOOP
        month := date_trunc('month', clock_timestamp(), 'UTC') + make_interval(months => ahead);
        part := 'workflows_runevent' || to_char(month AT TIME ZONE 'UTC', '_YYYY_MM');
        IF to_regclass(part) IS NULL THEN
            BEGIN
                EXECUTE format(
                    'CREATE TABLE %I PARTITION OF workflows_runevent FOR VALUES FROM (%L) TO (%L)',
                    part, actions_first_id(month), actions_first_id(month + interval '1 month'));
                {refuse}
                made := made + 1;
            EXCEPTION WHEN check_violation THEN
                -- The default partition already has rows of that month; it keeps them.
                RAISE NOTICE 'The month % stays in the rest.', month;
            END;
        END IF;
    END LOOP;
    RETURN made;
END $$;
"""
# What is replaced is lent no more.
LEND = """
DO $$ BEGIN
    EXECUTE format(
        'ALTER FUNCTION workflows_make_partitions() SECURITY DEFINER SET search_path = %I, pg_temp',
        current_schema());
END $$;
REVOKE ALL ON FUNCTION workflows_make_partitions() FROM PUBLIC;
"""
MAKE_REFUSING = MAKE.replace('{refuse}', REFUSE) + LEND
MAKE_AS_BEFORE = MAKE.replace('{refuse}', '') + LEND


def refuse(apps, schema_editor):
    refusing.refuse(schema_editor, TABLES)


def allow(apps, schema_editor):
    refusing.allow(schema_editor, TABLES)


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('actions', '0017_partitions_refuse_truncate'),
        ('workflows', '0008_lend_partitioner'),
    ]

    operations = [
        migrations.RunSQL(MAKE_REFUSING, MAKE_AS_BEFORE),
        migrations.RunPython(refuse, allow),
    ]
