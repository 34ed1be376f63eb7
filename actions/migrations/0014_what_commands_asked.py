# What a command asked, beside its key; those that are there have nothing.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('actions', '0013_rollups'),
    ]

    operations = [
        migrations.AddField(
            model_name='idempotencyrecord',
            name='asked_sealed',
            field=models.BinaryField(null=True),
        ),
    ]
