# The queue's indexes, made while workers run: the new ones first, then the old ones go.

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('actions', '0002_limits_and_losses'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='execution',
            index=models.Index(models.F('is_concurrent'), models.F('queue'), models.OrderBy(models.F('priority'), descending=True), models.F('run_at'), models.F('id'), condition=models.Q(('status__in', ['queued', 'retrying']), ('blocked_on', ''), ('loss_count__lt', 2)), name='execution_ready'),
        ),
        AddIndexConcurrently(
            model_name='execution',
            index=models.Index(models.F('run_at'), models.F('id'), condition=models.Q(('status__in', ['queued', 'retrying']), ('blocked_on', ''), ('loss_count__gte', 2)), name='execution_suspect'),
        ),
        AddIndexConcurrently(
            model_name='execution',
            index=models.Index(models.F('blocked_on'), models.OrderBy(models.F('priority'), descending=True), models.F('run_at'), models.F('id'), condition=models.Q(('status__in', ['queued', 'retrying']), models.Q(('blocked_on', ''), _negated=True)), name='execution_blocked'),
        ),
        RemoveIndexConcurrently(
            model_name='execution',
            name='execution_due',
        ),
        RemoveIndexConcurrently(
            model_name='execution',
            name='execution_due_concurrent',
        ),
    ]
