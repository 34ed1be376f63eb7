# Seals may cover sources that came later; those that are there already stay as they are.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('actions', '0014_keys_of_runs_in_order'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='sealleaf',
            name='seal_leaf_is_of_a_known_source',
        ),
        migrations.AlterField(
            model_name='sealleaf',
            name='source',
            field=models.CharField(max_length=10),
        ),
        migrations.AddField(
            model_name='seal',
            name='more_counts',
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
