# Columns without a default, and an index that is made while workers run.

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('actions', '0008_declared'),
    ]

    operations = [
        migrations.AddField(
            model_name='execution',
            name='overrides',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='execution',
            name='run_id',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='execution',
            name='step_id',
            field=models.UUIDField(null=True),
        ),
        AddIndexConcurrently(
            model_name='execution',
            index=models.Index(condition=models.Q(('run_id__isnull', False)), fields=['run_id', 'id'], name='execution_by_run'),
        ),
    ]
