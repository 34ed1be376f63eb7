# The indexes of what 0003 has added, made while workers run.

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('workflows', '0003_concurrency_keys'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='run',
            index=models.Index(condition=models.Q(('concurrency_key__isnull', False), ('finished_at__isnull', True)), fields=['workflow_name', 'concurrency_key', 'id'], name='run_by_concurrency_key'),
        ),
        AddIndexConcurrently(
            model_name='step',
            index=models.Index(condition=models.Q(('blocked_on', ''), _negated=True), fields=['blocked_on', 'id'], name='step_blocked'),
        ),
    ]
