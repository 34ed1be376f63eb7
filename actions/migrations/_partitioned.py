"""SQL of the two tables that grow without end, and of what keeps the log append-only.

They are partitioned by month of the execution's time-ordered id: a UUID of version 7 begins with
its milliseconds since 1970, so the first id of a month bounds a partition.
"""

CREATE_EVENTS = """
CREATE TABLE actions_executionevent (
    execution_id uuid NOT NULL,
    seq integer NOT NULL CHECK (seq > 0),
    type varchar(40) NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_kind varchar(20) NOT NULL,
    actor_id varchar(100) NOT NULL,
    actor_label varchar(250) NOT NULL,
    attempt integer CHECK (attempt >= 0),
    worker_label varchar(250) NOT NULL,
    request_id varchar(100) NOT NULL,
    data jsonb NOT NULL,
    PRIMARY KEY (execution_id, seq)
) PARTITION BY RANGE (execution_id);
CREATE TABLE actions_executionevent_rest PARTITION OF actions_executionevent DEFAULT;
"""

CREATE_LINES = """
CREATE TABLE actions_logline (
    execution_id uuid NOT NULL,
    attempt integer NOT NULL CHECK (attempt > 0),
    number integer NOT NULL CHECK (number > 0),
    at timestamptz NOT NULL,
    level varchar(10) NOT NULL,
    message text NOT NULL,
    fields jsonb NOT NULL,
    PRIMARY KEY (execution_id, attempt, number)
) PARTITION BY RANGE (execution_id);
CREATE TABLE actions_logline_rest PARTITION OF actions_logline DEFAULT;
"""

# Callable at any time and by several at once; makes this month and the two that follow. The
# default partition takes what comes before, so a month that was missed loses nothing.
CREATE_PARTITIONER = """
CREATE FUNCTION actions_first_id(moment timestamptz) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$
    SELECT rpad(lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;

CREATE FUNCTION actions_make_partitions() RETURNS integer LANGUAGE plpgsql AS $$
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

SELECT actions_make_partitions();
"""

CREATE_GUARD = """
CREATE FUNCTION actions_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The execution log is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER log_is_append_only BEFORE UPDATE OR DELETE ON actions_executionevent
    FOR EACH ROW EXECUTE FUNCTION actions_log_is_append_only();
CREATE TRIGGER log_is_not_truncated BEFORE TRUNCATE ON actions_executionevent
    FOR EACH STATEMENT EXECUTE FUNCTION actions_log_is_append_only();
"""

DROP_EVENTS = "DROP TABLE actions_executionevent"
DROP_LINES = "DROP TABLE actions_logline"
DROP_PARTITIONER = """
DROP FUNCTION actions_make_partitions();
DROP FUNCTION actions_first_id(timestamptz);
"""
DROP_GUARD = """
DROP TRIGGER log_is_append_only ON actions_executionevent;
DROP TRIGGER log_is_not_truncated ON actions_executionevent;
DROP FUNCTION actions_log_is_append_only();
"""
