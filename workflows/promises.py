"""What is always true of runs and steps, as SQL for `manage.py fsck`.

Floor 4.
"""

from actions.promises import Promise, guarded

_ACTIVE = "('queued', 'waiting')"
# Who waits for a lock has looked at the clock before.
_RACE = "interval '1 minute'"
# An effect is known by the execution or the sub-run that had it.
_EFFECT = "coalesce(made.execution_id, made.reused_from, made.child_id)"
_UNDONE = """FROM workflows_step AS undo JOIN workflows_step AS made
    ON made.run_id = undo.run_id AND made.name = substr(undo.name, 7) AND made.element IS NULL
WHERE undo.name LIKE '@undo.%' AND undo.status IN ('succeeded', 'queued', 'waiting')"""

PROMISES = (
    Promise(
        name="run-goes-on",
        sentence="A run that has not ended has a step that has begun and not ended.",
        statement=f"""
            SELECT run.id, format('is %s with no step that goes on', run.status)
            FROM workflows_run AS run
            WHERE run.finished_at IS NULL AND run.status <> 'queued' AND NOT EXISTS (
                SELECT FROM workflows_step AS step
                WHERE step.run_id = run.id AND step.status IN {_ACTIVE})""",  # noqa: S608  # constant
    ),
    Promise(
        name="run-has-ended-whole",
        sentence="In a run that has ended no step goes on.",
        statement=f"""
            SELECT run.id, format('is %s while its step %s is %s', run.status, step.name, step.status)
            FROM workflows_run AS run JOIN workflows_step AS step ON step.run_id = run.id
            WHERE run.finished_at IS NOT NULL AND step.status IN {_ACTIVE}""",  # noqa: S608  # see above
    ),
    Promise(
        name="run-succeeds-whole",
        sentence="In a run that has succeeded every step has ended.",
        statement="""
            SELECT run.id, format('has succeeded while its step %s is %s', step.name, step.status)
            FROM workflows_run AS run JOIN workflows_step AS step ON step.run_id = run.id
            WHERE run.status = 'succeeded' AND step.status = 'pending' AND step.element IS NULL""",
    ),
    Promise(
        name="step-goes-with-its-execution",
        sentence="A step has begun and not ended exactly as long as its execution has not.",
        statement="""
            SELECT step.run_id, format('step %s is %s while its execution is %s',
                step.name, step.status, coalesce(execution.status, 'not there'))
            FROM workflows_step AS step
            LEFT JOIN actions_execution AS execution ON execution.id = step.execution_id
            WHERE step.execution_id IS NOT NULL
              AND (step.status = 'queued') IS DISTINCT FROM (execution.finished_at IS NULL)""",
    ),
    Promise(
        name="step-has-its-work",
        sentence="A step that is under way has an execution, a run of its own, or elements.",
        statement="""
            SELECT step.run_id, format('step %s is under way without any work', step.name)
            FROM workflows_step AS step
            WHERE step.status = 'queued' AND step.execution_id IS NULL AND step.child_id IS NULL
              AND step.open_count = 0""",
    ),
    Promise(
        name="one-execution-a-generation",
        sentence="A step has no more executions than tries that people have asked for.",
        statement="""
            WITH tried AS MATERIALIZED (
                SELECT step_id, count(*) AS count FROM actions_execution
                WHERE step_id IS NOT NULL GROUP BY step_id HAVING count(*) > 1)
            SELECT step.run_id, format('step %s has %s executions in %s tries',
                step.name, tried.count, step.generation)
            FROM tried JOIN workflows_step AS step ON step.id = tried.step_id
            WHERE tried.count > step.generation""",
    ),
    Promise(
        name="map-counts-its-elements",
        sentence="A map that is under way counts the elements that have not ended.",
        statement="""
            WITH open AS MATERIALIZED (
                SELECT run_id, name, count(*) AS count FROM workflows_step
                WHERE element IS NOT NULL AND finished_at IS NULL GROUP BY run_id, name)
            SELECT step.run_id, format('map %s counts %s open elements and has %s',
                step.name, step.open_count, coalesce(open.count, 0))
            FROM workflows_step AS step
            LEFT JOIN open ON open.run_id = step.run_id AND open.name = step.name
            WHERE step.element IS NULL AND step.status = 'queued' AND step.kind = 'map'
              AND coalesce(open.count, 0) <> step.open_count""",
    ),
    Promise(
        name="sub-run-goes-with-its-step",
        sentence="A sub-run that goes on is that of a step that goes on.",
        statement="""
            SELECT child.id, format('is %s while the step above is %s', child.status, step.status)
            FROM workflows_run AS child
            JOIN workflows_step AS step ON step.id = child.parent_step_id
            WHERE child.finished_at IS NULL
              AND (step.status <> 'queued' OR step.child_id IS DISTINCT FROM child.id)""",
    ),
    Promise(
        name="run-outcome-follows-its-steps",
        sentence="A run has succeeded only if no step failed or was cancelled but optional ones.",
        statement="""
            SELECT run.id, format('succeeded while step %s is %s', step.name, step.status)
            FROM workflows_run AS run JOIN workflows_step AS step ON step.run_id = run.id
            WHERE run.status = 'succeeded' AND step.status IN ('failed', 'cancelled')
              AND step.element IS NULL AND NOT step.is_optional""",
    ),
    Promise(
        name="undone-once",
        sentence="What a step did is undone by one run, whichever runs have its result.",
        statement=f"""
            SELECT min(undo.run_id::text)::uuid, format('what its step %s did was undone %s times',
                min(made.name), count(*))
            {_UNDONE} GROUP BY {_EFFECT} HAVING count(*) > 1""",
    ),
    Promise(
        name="undone-is-not-reused",
        sentence="No run takes over what had been undone, or was being undone, by then.",
        statement=f"""
            SELECT taken.run_id, format('has taken over %s, which had been undone by %s',
                taken.name, undo.run_id)
            FROM (SELECT {_EFFECT} AS effect, undo.* {_UNDONE}) AS undo
            JOIN workflows_step AS taken
              ON taken.status = 'reused' AND coalesce(taken.reused_from, taken.child_id) = undo.effect
            WHERE taken.run_id <> undo.run_id AND taken.element IS NULL
              AND taken.finished_at > least(undo.finished_at, undo.started_at + {_RACE})""",  # noqa: S608  # see above
    ),
    Promise(
        name="undoing-is-given-up-by-somebody",
        sentence="What undoes a step is cancelled only because somebody has cancelled it, or the run.",
        statement="""
            SELECT undo.run_id, format('has cancelled %s, which nobody has given up', undo.name)
            FROM workflows_step AS undo
            WHERE undo.name LIKE '@undo.%' AND undo.status = 'cancelled' AND NOT EXISTS (
                SELECT FROM workflows_runevent AS asked
                WHERE asked.run_id = undo.run_id AND asked.type = 'cancel_requested')
              AND NOT EXISTS (
                SELECT FROM actions_executionevent AS asked
                WHERE asked.execution_id = undo.execution_id AND asked.actor_kind <> 'system'
                  AND asked.type IN ('cancelled', 'cancel_requested'))""",
    ),
    Promise(
        name="concurrency-keys-have-places",
        sentence="No more runs of a workflow go on under a concurrency key than it has places.",
        statement="""
            SELECT min(run.id::text)::uuid, format('is one of %s that hold the key %s of %s',
                count(*), run.concurrency_key, run.workflow_name)
            FROM workflows_run AS run
            WHERE run.concurrency_key IS NOT NULL AND run.finished_at IS NULL
              AND run.status <> 'queued'
            GROUP BY run.workflow_name, run.concurrency_key
            HAVING count(*) > max(run.concurrency_limit)""",
    ),
    Promise(
        name="nobody-waits-for-a-free-place",
        sentence="The first run that is queued for a concurrency key is let in once there is a place.",
        statement="""
            SELECT run.id, format('is queued while the key %s has a place', run.concurrency_key)
            FROM workflows_run AS run
            WHERE run.status = 'queued'
              AND NOT EXISTS (
                SELECT FROM workflows_run AS earlier
                WHERE earlier.workflow_name = run.workflow_name AND earlier.status = 'queued'
                  AND earlier.concurrency_key = run.concurrency_key AND earlier.id < run.id)
              AND run.concurrency_limit > (
                SELECT count(*) FROM workflows_run AS holder
                WHERE holder.workflow_name = run.workflow_name AND holder.status <> 'queued'
                  AND holder.concurrency_key = run.concurrency_key AND holder.finished_at IS NULL)
              AND NOT EXISTS (
                SELECT FROM actions_execution AS asked
                WHERE asked.action_name = 'actionsite.admit' AND asked.finished_at IS NULL
                  AND asked.params ->> 'workflow' = run.workflow_name
                  AND asked.params ->> 'key' = run.concurrency_key)""",
    ),
    Promise(
        name="blocked-step-lacks-its-action",
        sentence="A step waits for an action only while that is missing or disabled.",
        statement="""
            SELECT step.run_id, format('step %s waits for %s, which can be executed',
                step.name, step.blocked_on)
            FROM workflows_step AS step JOIN actions_action AS action
              ON action.name = step.blocked_on AND action.is_enabled
             AND action.current_id IS NOT NULL
            WHERE step.blocked_on <> '' AND NOT EXISTS (
                SELECT FROM actions_execution AS asked
                WHERE asked.action_name = 'actionsite.unblock' AND asked.finished_at IS NULL
                  AND asked.params ->> 'action' = step.blocked_on)""",
    ),
    Promise(
        name="one-run-for-a-key",
        sentence="A key of a workflow names one run of it, which carries the key.",
        statement="""
            SELECT record.run_id, format('key of %s, carried by %s', record.name,
                coalesce(run.workflow_name, 'nobody'))
            FROM actions_idempotencyrecord AS record
            LEFT JOIN workflows_run AS run ON run.id = record.run_id
            WHERE record.kind = 'workflow'
              AND (run.idempotency_key IS DISTINCT FROM record.key
                   OR run.workflow_name IS DISTINCT FROM record.name)""",
    ),
    Promise(
        name="keys-outlive-their-runs",
        sentence="The key of a run expires only after the run has ended, and then some day.",
        statement="""
            SELECT run.id, format('%s, key expires at %s', run.status,
                coalesce(record.expires_at::text, 'never'))
            FROM actions_idempotencyrecord AS record
            JOIN workflows_run AS run ON run.id = record.run_id
            WHERE record.kind = 'workflow'
              AND CASE WHEN run.finished_at IS NULL THEN record.expires_at > clock_timestamp()
                       ELSE record.expires_at IS NULL END""",
    ),
    Promise(
        name="run-log-without-gaps",
        sentence="The events of a run are numbered from 1 without a gap.",
        statement="""
            SELECT run.id, format('counts %s events, has %s up to number %s',
                run.event_count, count(event.seq), max(event.seq))
            FROM workflows_run AS run
            LEFT JOIN workflows_runevent AS event ON event.run_id = run.id
            GROUP BY run.id
            HAVING count(event.seq) <> run.event_count
                OR coalesce(max(event.seq), 0) <> run.event_count""",
    ),
    guarded(
        "run-log-is-guarded",
        sentence="The log of runs and each partition of it refuses to be changed and emptied.",
        tables=("workflows_runevent",),
    ),
    Promise(
        name="bulk-rerun-goes-on",
        sentence="A bulk re-run that has runs left is gone on with, or was stopped.",
        statement="""
            SELECT bulk.id, format('has runs left while its execution is %s',
                coalesce(execution.status, 'not there'))
            FROM workflows_bulkrerun AS bulk
            LEFT JOIN actions_execution AS execution ON execution.id = bulk.execution_id
            WHERE bulk.finished_at IS NULL
              AND (execution.id IS NULL OR execution.finished_at IS NOT NULL)""",
    ),
    Promise(
        name="bulk-rerun-begins-what-was-chosen",
        sentence="What a bulk re-run has begun is a new run of each run that was chosen, and no other.",
        statement="""
            SELECT chosen.run_id, format('was run again as %s, which is a re-run of %s',
                chosen.new_run_id, coalesce(new.rerun_of_id::text, 'nothing'))
            FROM workflows_bulkrerunentry AS chosen
            LEFT JOIN workflows_run AS new ON new.id = chosen.new_run_id
            WHERE chosen.new_run_id IS NOT NULL AND new.rerun_of_id IS DISTINCT FROM chosen.run_id
            UNION ALL
            SELECT bulk.id, format('was given %s runs and has %s', bulk.run_count, count(chosen.run_id))
            FROM workflows_bulkrerun AS bulk
            LEFT JOIN workflows_bulkrerunentry AS chosen ON chosen.bulk_id = bulk.id
            GROUP BY bulk.id HAVING count(DISTINCT chosen.run_id) <> bulk.run_count""",
    ),
)
