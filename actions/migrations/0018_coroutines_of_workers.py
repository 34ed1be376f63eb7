# A worker says which of its actions are coroutines. Null for those that registered before: the
# workers of the old build go on writing rows without it.

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('actions', '0017_partitions_refuse_truncate'),
    ]

    operations = [
        migrations.AddField(
            model_name='worker',
            name='coroutines',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), null=True, size=None),
        ),
    ]
