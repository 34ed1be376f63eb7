# What a command asked, beside its key; those that are there have nothing.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('actions', '0015_seals_of_more'),
    ]

    operations = [
        migrations.AddField(
            model_name='idempotencyrecord',
            name='asked_sealed',
            field=models.BinaryField(null=True),
        ),
    ]
