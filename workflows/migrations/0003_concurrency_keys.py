# What runs and steps wait for: the places of a concurrency key, and actions that are not there.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('workflows', '0002_runs'),
    ]

    operations = [
        migrations.AddField(
            model_name='run',
            name='concurrency_key',
            field=models.CharField(max_length=255, null=True),
        ),
        migrations.AddField(
            model_name='run',
            name='concurrency_limit',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='step',
            name='blocked_on',
            field=models.CharField(blank=True, db_default='', default='', max_length=100),
        ),
    ]
