import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('actions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Limit',
            fields=[
                ('name', models.CharField(max_length=255, primary_key=True, serialize=False)),
                ('allowed', models.PositiveIntegerField()),
                ('seconds', models.FloatField(null=True)),
                ('taken', models.PositiveIntegerField(default=0)),
                ('free_at', models.DateTimeField(null=True)),
                ('wakes_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='actionversion',
            name='limits',
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name='actionversion',
            name='priority',
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='execution',
            name='blocked_on',
            field=models.CharField(blank=True, db_default='', default='', max_length=255),
        ),
        migrations.AddField(
            model_name='execution',
            name='limits',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=255), db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='execution',
            name='loss_count',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='worker',
            name='actions',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='worker',
            name='end_reason',
            field=models.CharField(blank=True, db_default='', default='', max_length=40),
        ),
        migrations.AddIndex(
            model_name='limit',
            index=models.Index(condition=models.Q(('wakes_at__isnull', False)), fields=['wakes_at'], name='limit_wakes'),
        ),
    ]
