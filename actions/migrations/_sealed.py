"""SQL of what makes the audit log, the log lines and the seals append-only, and of the function
that makes partitions for a role that does not own the tables."""

GUARDED = ("actions_logline", "actions_auditevent", "actions_seal", "actions_sealleaf")

GUARD = "".join(
    f"""
CREATE TRIGGER log_is_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION actions_log_is_append_only();
CREATE TRIGGER log_is_not_truncated BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION actions_log_is_append_only();
"""
    for table in GUARDED
)
UNGUARD = "".join(
    f"""
DROP TRIGGER log_is_append_only ON {table};
DROP TRIGGER log_is_not_truncated ON {table};
"""
    for table in GUARDED
)

# With its owner's rights, and with a search path in which nobody can put a table of their own.
LEND_PARTITIONER = """
DO $$ BEGIN
    EXECUTE format(
        'ALTER FUNCTION actions_make_partitions() SECURITY DEFINER SET search_path = %I, pg_temp',
        current_schema());
END $$;
REVOKE ALL ON FUNCTION actions_make_partitions() FROM PUBLIC;
"""
TAKE_PARTITIONER_BACK = """
GRANT EXECUTE ON FUNCTION actions_make_partitions() TO PUBLIC;
ALTER FUNCTION actions_make_partitions() SECURITY INVOKER RESET search_path;
"""
