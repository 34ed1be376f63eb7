# The function that makes partitions of the log of runs works for a role that does not own the tables,
# as that for the log of executions does: with its owner's rights, and with a search path in which
# nobody can put a table of their own.

from django.db import migrations

LEND = """
DO $$ BEGIN
    EXECUTE format(
        'ALTER FUNCTION workflows_make_partitions() SECURITY DEFINER SET search_path = %I, pg_temp',
        current_schema());
END $$;
REVOKE ALL ON FUNCTION workflows_make_partitions() FROM PUBLIC;
"""
TAKE_BACK = """
GRANT EXECUTE ON FUNCTION workflows_make_partitions() TO PUBLIC;
ALTER FUNCTION workflows_make_partitions() SECURITY INVOKER RESET search_path;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('workflows', '0007_runs_by_key'),
    ]

    operations = [
        migrations.RunSQL(LEND, TAKE_BACK),
    ]
