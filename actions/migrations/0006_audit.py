# The audit log and the seals, and when a line was stored: lines that are there count as stored now.

import django.contrib.postgres.indexes
import django.db.models.functions.datetime
from django.db import migrations, models

from actions.migrations import _sealed as sealed


class Migration(migrations.Migration):

    dependencies = [
        ('actions', '0005_search'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor_kind', models.CharField(max_length=20)),
                ('actor_id', models.CharField(blank=True, max_length=100)),
                ('actor_label', models.CharField(max_length=250)),
                ('request_id', models.CharField(blank=True, max_length=100)),
                ('verb', models.CharField(max_length=60)),
                ('object_kind', models.CharField(max_length=40)),
                ('object_id', models.CharField(max_length=100)),
                ('object_label', models.CharField(max_length=250)),
                ('data', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['object_kind', 'object_id', '-id'], name='audit_by_object'),
                    django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['at'], name='audit_by_moment'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('hour', models.DateTimeField(primary_key=True, serialize=False)),
                ('event_count', models.BigIntegerField()),
                ('line_count', models.BigIntegerField()),
                ('audit_count', models.BigIntegerField()),
                ('previous_digest', models.BinaryField(max_length=32)),
                ('digest', models.BinaryField(max_length=32)),
                ('sealed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SealLeaf',
            fields=[
                ('pk', models.CompositePrimaryKey('hour', 'source', 'execution_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('hour', models.DateTimeField()),
                ('source', models.CharField(choices=[('events', 'events'), ('lines', 'lines'), ('audit', 'audit')], max_length=10)),
                ('execution_id', models.UUIDField()),
                ('entries', models.BinaryField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('source__in', ('events', 'lines', 'audit'))), name='seal_leaf_is_of_a_known_source')],
            },
        ),
        migrations.AddField(
            model_name='logline',
            name='stored_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.RunSQL(sealed.GUARD, sealed.UNGUARD),
        migrations.RunSQL(sealed.LEND_PARTITIONER, sealed.TAKE_PARTITIONER_BACK),
    ]
