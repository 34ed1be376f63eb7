"""What is rolled up of runs: that they were accepted, and how they ended.

Floor 4. A run that is tried again after its end ends once more, and is counted again; what it took
counts from then.
"""

from actions.rollups import Source

RUNS = Source(
    kind="workflow",
    # Who advances a run has locked its row before taking the moment for its log.
    tables=("workflows_run", "workflows_runevent"),
    facts="""
        SELECT 'workflow' AS kind, run.workflow_name AS name, event.at, event.type AS what,
            1 AS attempts,
            CASE WHEN event.type <> 'accepted' THEN
                extract(epoch FROM event.at - coalesce((
                    SELECT max(opened.at) FROM workflows_runevent AS opened
                    WHERE opened.run_id = run.id AND opened.seq < event.seq
                      AND opened.type = 'step_retried'
                ), run.started_at))::float8
            END AS seconds
        FROM workflows_runevent AS event JOIN workflows_run AS run ON run.id = event.run_id
        WHERE event.at >= {since} AND event.at < {until} AND event.step = ''
          AND event.type IN ('accepted', 'succeeded', 'failed', 'cancelled')
    """,
)
