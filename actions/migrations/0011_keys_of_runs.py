# A key may stand for a run; the check holds for what is new, and for all with the next migration.

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

# Backwards there is no place for the keys of runs.
FORGET_KEYS_OF_RUNS = "DELETE FROM actions_idempotencyrecord WHERE run_id IS NOT NULL"


class Migration(migrations.Migration):

    dependencies = [
        ('actions', '0010_key_retention'),
    ]

    operations = [
        migrations.AlterField(
            model_name='idempotencyrecord',
            name='execution',
            field=models.ForeignKey(null=True, on_delete=models.deletion.PROTECT, related_name='idempotency_records', to='actions.execution'),
        ),
        migrations.AddField(
            model_name='idempotencyrecord',
            name='run_id',
            field=models.UUIDField(null=True),
        ),
        AddConstraintNotValid(
            model_name='idempotencyrecord',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('execution__isnull', False), ('run_id__isnull', True)), models.Q(('execution__isnull', True), ('run_id__isnull', False)), _connector='OR'), name='idempotency_key_stands_for_an_execution_or_a_run'),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, FORGET_KEYS_OF_RUNS),
    ]
