"""The order in which executions have their turn, as SQL.

Floor 4. Within a queue it is priority, then due time, then id. Queues of one priority take turns,
so that a flooded one keeps nobody out of the others. What a limit blocks and what keeps losing its
workers has left this order.
"""

READY = "status IN ('queued', 'retrying') AND blocked_on = '' AND loss_count < 2"
SUSPECT = "status IN ('queued', 'retrying') AND blocked_on = '' AND loss_count >= 2"

# Every (queue, priority) in which something is ready, each found by one look into the index.
LEVELS = f"""
level AS (
    (SELECT queue, priority FROM actions_execution
     WHERE {READY} AND is_concurrent = %(is_concurrent)s
     ORDER BY queue, priority DESC LIMIT 1)
    UNION ALL
    SELECT following.queue, following.priority FROM level CROSS JOIN LATERAL (
        (SELECT queue, priority FROM actions_execution
         WHERE {READY} AND is_concurrent = %(is_concurrent)s
           AND queue = level.queue AND priority < level.priority
         ORDER BY queue, priority DESC LIMIT 1)
        UNION ALL
        (SELECT queue, priority FROM actions_execution
         WHERE {READY} AND is_concurrent = %(is_concurrent)s AND queue > level.queue
         ORDER BY queue, priority DESC LIMIT 1)
        LIMIT 1
    ) AS following
), turn AS MATERIALIZED (
    SELECT queue, priority, row_number() OVER (ORDER BY priority DESC, random()) AS place
    FROM level
    WHERE cardinality(%(queues)s::text[]) = 0 OR queue = ANY(%(queues)s::text[])
    ORDER BY place
)"""

# A worker runs what it has the code of, and what is made of data.
CAN_RUN = "(is_declared OR action_name || '' = ANY(%(actions)s::text[]))"

_OF_A_LEVEL = f"""
    FROM actions_execution
    WHERE {READY} AND is_concurrent = %(is_concurrent)s
      AND queue = turn.queue AND priority = turn.priority
      AND {CAN_RUN}"""

# Locked, in order, at most `limit` of those that are due.
DUE = f"""
WITH RECURSIVE {LEVELS}, due AS MATERIALIZED (
    SELECT one.*, turn.place AS level FROM turn CROSS JOIN LATERAL (
        SELECT id, run_at, action_name, version_id, limits, loss_count {_OF_A_LEVEL}
          AND run_at <= statement_timestamp()
          AND (NOT %(unlimited_only)s OR limits = '{{}}')
        ORDER BY run_at, id LIMIT %(limit)s::int FOR UPDATE SKIP LOCKED
    ) AS one
    LIMIT %(limit)s::int
)"""

# How many that are due go before a given one: surely, and by chance where their queue has its
# priority. None is counted beyond `cap` in a level.
AHEAD = f"""
WITH RECURSIVE {LEVELS}
SELECT
    coalesce(sum(found.count) FILTER (
        WHERE turn.queue = %(queue)s OR turn.priority > %(priority)s), 0)::int,
    coalesce(sum(found.count) FILTER (
        WHERE turn.queue <> %(queue)s AND turn.priority = %(priority)s), 0)::int
FROM turn CROSS JOIN LATERAL (SELECT count(*) FROM (
    SELECT {_OF_A_LEVEL}
      AND run_at <= CASE WHEN turn.queue = %(queue)s AND turn.priority = %(priority)s
                         THEN %(run_at)s ELSE statement_timestamp() END
      AND (turn.queue <> %(queue)s OR turn.priority > %(priority)s
           OR (run_at, id) < (%(run_at)s, %(id)s))
    LIMIT %(cap)s
) AS one) AS found
WHERE turn.priority >= %(priority)s
"""

# Of those that keep losing their workers the likeliest culprit, so that it harms nobody else: one
# of the other lane goes first if it has been blamed more often, for as long as one may wait.
DUE_SUSPECT = f"""
WITH due AS MATERIALIZED (
    SELECT id, run_at, action_name, version_id, limits, loss_count, 1 AS level
    FROM actions_execution AS suspect
    WHERE {SUSPECT} AND is_concurrent = %(is_concurrent)s
      AND run_at <= statement_timestamp() - make_interval(secs => %(patience)s)
      AND {CAN_RUN}
      AND (cardinality(%(queues)s::text[]) = 0 OR queue = ANY(%(queues)s::text[]))
      AND (run_at <= statement_timestamp() - make_interval(secs => %(longest)s)
           OR NOT EXISTS (SELECT FROM actions_execution AS other WHERE {SUSPECT}
                          AND other.crash_count > suspect.crash_count))
    ORDER BY crash_count DESC, run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)"""

# Given ids, in the caller's order; they are locked already.
DUE_GIVEN = """
WITH due AS MATERIALIZED (
    SELECT given.id, run_at, action_name, version_id, '{}'::varchar[] AS limits, 0 AS loss_count,
        given.level
    FROM unnest(%(given)s::uuid[]) WITH ORDINALITY AS given (id, level)
    JOIN actions_execution USING (id)
)"""

# When the next one is due, in seconds; what a rate blocks is looked at when the rate allows more.
NEXT_DUE = f"""
WITH RECURSIVE {LEVELS}
SELECT extract(epoch FROM least(
    (SELECT min(head.run_at) FROM turn CROSS JOIN LATERAL (
        SELECT run_at {_OF_A_LEVEL} ORDER BY run_at LIMIT 1
    ) AS head),
    (SELECT min(wakes_at) FROM actions_limit WHERE wakes_at IS NOT NULL)
) - clock_timestamp())::float8
"""
