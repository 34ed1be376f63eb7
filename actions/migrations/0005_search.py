# Search by any param, by the words of an error, by actor and by worker, made while workers run: the
# new indexes first, then those go that served nothing, then older executions get their terms.

import django.contrib.postgres.search
import django.db.models.deletion
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models, transaction

from actions.masking import search_terms

BATCH = 500
# No read uses these: the primary key serves the first, names and versions never change hands, and
# the last two are replaced above.
UNUSED = {
    'actions_attempt_execution_id_1cccd8c0': 'actions_attempt (execution_id)',
    'actions_execution_action_id_903ceb6a': 'actions_execution (action_id)',
    'actions_execution_version_id_88a1327b': 'actions_execution (version_id)',
    'actions_execution_retry_of_id_47619f9c': 'actions_execution (retry_of_id)',
    'actions_execution_rerun_of_id_29759877': 'actions_execution (rerun_of_id)',
}


def _made_again(name, where):
    return f'CREATE INDEX CONCURRENTLY IF NOT EXISTS "{name}" ON {where}'


def name_terms(apps, schema_editor):
    """Give the executions that are there the terms by which `params.<path>=` finds them.

    A batch is a short transaction, so work goes on meanwhile; running it again does no harm.
    """
    rows = apps.get_model('actions', 'Execution').objects.select_related('version').order_by('id')
    rows = rows.only('params', 'terms', 'version__params_schema')
    batch = list(rows[:BATCH])
    while batch:
        last = batch[-1].id
        with transaction.atomic():
            for row in batch:
                row.terms = search_terms(row.params, row.version.params_schema)
            rows.model.objects.bulk_update(batch, ['terms'])
        batch = list(rows.filter(id__gt=last)[:BATCH])


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('actions', '0004_vault'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='attempt',
            index=models.Index(fields=['worker_label', '-execution'], name='attempt_by_worker'),
        ),
        AddIndexConcurrently(
            model_name='execution',
            index=GinIndex(models.Func(models.F('error_code'), models.Func(models.F('error'), template="coalesce(%(expressions)s ->> 'message', '')"), arg_joiner=" || ' ' || ", output_field=django.contrib.postgres.search.SearchVectorField(), template="to_tsvector('simple', regexp_replace(%(expressions)s, '[!-/:-@\\[-`{-~]+', ' ', 'g'))"), condition=models.Q(('error_code', ''), _negated=True), name='execution_by_error_words'),
        ),
        AddIndexConcurrently(
            model_name='execution',
            index=models.Index(fields=['actor_label', '-id'], name='execution_by_actor'),
        ),
        AddIndexConcurrently(
            model_name='execution',
            index=models.Index(condition=models.Q(('retry_of__isnull', False)), fields=['retry_of'], name='execution_by_retried'),
        ),
        AddIndexConcurrently(
            model_name='execution',
            index=models.Index(condition=models.Q(('rerun_of__isnull', False)), fields=['rerun_of', '-id'], name='execution_by_rerun'),
        ),
        AddIndexConcurrently(
            model_name='execution',
            index=models.Index(condition=models.Q(('status', 'failed')), fields=['action_name', '-id'], name='execution_by_failed_action'),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"', _made_again(name, where))
                for name, where in UNUSED.items()
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='attempt',
                    name='execution',
                    field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='attempts', to='actions.execution'),
                ),
                migrations.AlterField(
                    model_name='execution',
                    name='action',
                    field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='executions', to='actions.action'),
                ),
                migrations.AlterField(
                    model_name='execution',
                    name='rerun_of',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reruns', to='actions.execution'),
                ),
                migrations.AlterField(
                    model_name='execution',
                    name='retry_of',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='retries', to='actions.execution'),
                ),
                migrations.AlterField(
                    model_name='execution',
                    name='version',
                    field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='actions.actionversion'),
                ),
                migrations.AlterField(
                    model_name='executionevent',
                    name='execution',
                    field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='actions.execution'),
                ),
                migrations.AlterField(
                    model_name='logline',
                    name='execution',
                    field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='log_lines', to='actions.execution'),
                ),
            ],
        ),
        migrations.RunPython(name_terms, migrations.RunPython.noop, elidable=True),
    ]
