# Runs, their steps, and their log: partitioned by month of the run's time-ordered id, append-only.

import actions.ids
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

CREATE_EVENTS = """
CREATE TABLE workflows_runevent (
    run_id uuid NOT NULL,
    seq integer NOT NULL CHECK (seq > 0),
    type varchar(40) NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    step varchar(80) NOT NULL,
    actor_kind varchar(20) NOT NULL,
    actor_id varchar(100) NOT NULL,
    actor_label varchar(250) NOT NULL,
    request_id varchar(100) NOT NULL,
    data jsonb NOT NULL,
    PRIMARY KEY (run_id, seq)
) PARTITION BY RANGE (run_id);
CREATE TABLE workflows_runevent_rest PARTITION OF workflows_runevent DEFAULT;

-- As actions_make_partitions does for the log of executions.
CREATE FUNCTION workflows_make_partitions() RETURNS integer LANGUAGE plpgsql AS $$
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
                made := made + 1;
            EXCEPTION WHEN check_violation THEN
                -- The default partition already has rows of that month; it keeps them.
                RAISE NOTICE 'The month % stays in the rest.', month;
            END;
        END IF;
    END LOOP;
    RETURN made;
END $$;
SELECT workflows_make_partitions();

CREATE TRIGGER log_is_append_only BEFORE UPDATE OR DELETE ON workflows_runevent
    FOR EACH ROW EXECUTE FUNCTION actions_log_is_append_only();
CREATE TRIGGER log_is_not_truncated BEFORE TRUNCATE ON workflows_runevent
    FOR EACH STATEMENT EXECUTE FUNCTION actions_log_is_append_only();
"""
DROP_EVENTS = """
DROP TABLE workflows_runevent;
DROP FUNCTION workflows_make_partitions();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('actions', '0009_of_steps'),
        ('workflows', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.UUIDField(default=actions.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('workflow_name', models.CharField(max_length=100)),
                ('status', models.CharField(max_length=20)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('wake_at', models.DateTimeField(null=True)),
                ('params', models.JSONField()),
                ('params_sealed', models.BinaryField(null=True)),
                ('result', models.JSONField(null=True)),
                ('error', models.JSONField(null=True)),
                ('metadata', models.JSONField(default=dict)),
                ('is_stopping', models.BooleanField(default=False)),
                ('idempotency_key', models.CharField(max_length=255, null=True)),
                ('key_generation', models.PositiveIntegerField(default=0)),
                ('actor_kind', models.CharField(max_length=20)),
                ('actor_id', models.CharField(blank=True, max_length=100)),
                ('actor_label', models.CharField(max_length=200)),
                ('request_id', models.CharField(blank=True, max_length=100)),
                ('trace_id', models.CharField(blank=True, max_length=64)),
                ('rerun', models.JSONField(null=True)),
                ('parent_step_id', models.UUIDField(null=True)),
                ('queued_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('paused_at', models.DateTimeField(null=True)),
                ('cancel_requested_at', models.DateTimeField(null=True)),
                ('waited_until', models.DateTimeField(null=True)),
                ('event_count', models.PositiveIntegerField(default=0)),
                ('revision', models.PositiveBigIntegerField(default=1)),
                ('parent', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='workflows.run')),
                ('rerun_of', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reruns', to='workflows.run')),
                ('version', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workflows.workflowversion')),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='RunEvent',
                    fields=[
                        ('pk', models.CompositePrimaryKey('run_id', 'seq', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('seq', models.PositiveIntegerField()),
                        ('type', models.CharField(max_length=40)),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('step', models.CharField(blank=True, max_length=80)),
                        ('actor_kind', models.CharField(blank=True, max_length=20)),
                        ('actor_id', models.CharField(blank=True, max_length=100)),
                        ('actor_label', models.CharField(blank=True, max_length=250)),
                        ('request_id', models.CharField(blank=True, max_length=100)),
                        ('data', models.JSONField(default=dict)),
                        ('run', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='workflows.run')),
                    ],
                ),
            ],
            database_operations=[migrations.RunSQL(CREATE_EVENTS, DROP_EVENTS)],
        ),
        migrations.CreateModel(
            name='RunSignal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('payload', models.JSONField(null=True)),
                ('actor_label', models.CharField(max_length=250)),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('taken_by', models.UUIDField(null=True)),
                ('run', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='signals', to='workflows.run')),
            ],
        ),
        migrations.CreateModel(
            name='Step',
            fields=[
                ('id', models.UUIDField(default=actions.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=63)),
                ('element', models.PositiveIntegerField(null=True)),
                ('kind', models.CharField(max_length=20)),
                ('position', models.PositiveIntegerField()),
                ('status', models.CharField(max_length=20)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('generation', models.PositiveIntegerField(default=1)),
                ('waits_for', models.PositiveIntegerField()),
                ('has_passed', models.BooleanField(default=False)),
                ('is_optional', models.BooleanField(default=False)),
                ('execution_id', models.UUIDField(null=True)),
                ('child_id', models.UUIDField(null=True)),
                ('downstream_key', models.CharField(blank=True, max_length=255)),
                ('reused_from', models.UUIDField(null=True)),
                ('result', models.JSONField(null=True)),
                ('error', models.JSONField(null=True)),
                ('question', models.TextField(blank=True)),
                ('value', models.JSONField(null=True)),
                ('item_key', models.CharField(blank=True, max_length=255)),
                ('open_count', models.PositiveIntegerField(default=0)),
                ('failed_count', models.PositiveIntegerField(default=0)),
                ('wake_at', models.DateTimeField(null=True)),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('revision', models.PositiveBigIntegerField(default=1)),
                ('run', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='workflows.run')),
            ],
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(fields=['status', '-id'], name='run_by_status'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(fields=['workflow_name', '-id'], name='run_by_workflow'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('parent__isnull', False)), fields=['parent'], name='run_by_parent'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('rerun_of__isnull', False)), fields=['rerun_of', '-id'], name='run_by_rerun'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['queued', 'running', 'waiting', 'paused', 'cancelling', 'succeeded', 'failed', 'cancelled'])), name='run_status_is_known'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('status__in', ['cancelled', 'failed', 'succeeded'])), models.Q(models.Q(('status__in', ['cancelled', 'failed', 'succeeded']), _negated=True), ('finished_at__isnull', True)), _connector='OR'), name='run_is_finished_exactly_when_ended'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(('finished_at__isnull', False), models.Q(models.Q(('reason', ''), _negated=True), ('wake_at__isnull', False)), _connector='OR'), name='run_that_goes_on_has_a_reason_and_is_looked_at_again'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'failed'), _negated=True), ('error__isnull', False), _connector='OR'), name='run_that_failed_has_an_error'),
        ),
        migrations.AddIndex(
            model_name='runsignal',
            index=models.Index(condition=models.Q(('taken_by__isnull', True)), fields=['run', 'name', 'id'], name='signal_untaken'),
        ),
        migrations.AddIndex(
            model_name='step',
            index=models.Index(condition=models.Q(('status__in', ['queued', 'waiting'])), fields=['run'], name='step_active'),
        ),
        migrations.AddIndex(
            model_name='step',
            index=models.Index(condition=models.Q(('reason', 'approval'), ('status', 'waiting')), fields=['-id'], name='step_awaiting_an_answer'),
        ),
        migrations.AddIndex(
            model_name='step',
            index=models.Index(condition=models.Q(('element__isnull', True), ('status', 'failed')), fields=['run'], name='step_failed'),
        ),
        migrations.AddConstraint(
            model_name='step',
            constraint=models.UniqueConstraint(fields=('run', 'name', 'element'), name='step_stands_once_in_its_run', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='step',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'queued', 'waiting', 'succeeded', 'reused', 'failed', 'skipped', 'cancelled'])), name='step_status_is_known'),
        ),
        migrations.AddConstraint(
            model_name='step',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('status__in', ['cancelled', 'failed', 'reused', 'skipped', 'succeeded'])), models.Q(models.Q(('status__in', ['cancelled', 'failed', 'reused', 'skipped', 'succeeded']), _negated=True), ('finished_at__isnull', True)), _connector='OR'), name='step_is_finished_exactly_when_ended'),
        ),
        migrations.AddConstraint(
            model_name='step',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'waiting'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='step_that_waits_says_why'),
        ),
        migrations.AddConstraint(
            model_name='step',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'failed'), _negated=True), ('error__isnull', False), _connector='OR'), name='step_that_failed_has_an_error'),
        ),
    ]
