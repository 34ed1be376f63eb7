# The check over what there is, and the index, while keys are taken.

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('actions', '0011_keys_of_runs'),
    ]

    operations = [
        ValidateConstraint(
            model_name='idempotencyrecord',
            name='idempotency_key_stands_for_an_execution_or_a_run',
        ),
        AddIndexConcurrently(
            model_name='idempotencyrecord',
            index=models.Index(condition=models.Q(('run_id__isnull', False)), fields=['run_id'], name='idempotency_key_by_run'),
        ),
    ]
