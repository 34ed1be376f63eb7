# The keys of runs in the order of their list, so that it passes no key of an execution.

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('actions', '0013_rollups'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='idempotencyrecord',
            index=models.Index(condition=models.Q(('run_id__isnull', False)), fields=['id'], name='idempotency_key_of_runs'),
        ),
    ]
