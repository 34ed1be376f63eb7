# Workflows, their versions and drafts; a trigger keeps versions as they were published.

import django.db.models.deletion
from django.db import migrations, models

GUARD = """
CREATE FUNCTION workflows_version_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A published version is never changed: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER version_is_immutable BEFORE UPDATE OR DELETE ON workflows_workflowversion
    FOR EACH ROW EXECUTE FUNCTION workflows_version_is_immutable();
CREATE TRIGGER version_is_not_truncated BEFORE TRUNCATE ON workflows_workflowversion
    FOR EACH STATEMENT EXECUTE FUNCTION workflows_version_is_immutable();
"""
UNGUARD = """
DROP TRIGGER version_is_immutable ON workflows_workflowversion;
DROP TRIGGER version_is_not_truncated ON workflows_workflowversion;
DROP FUNCTION workflows_version_is_immutable();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Workflow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('archived_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name='WorkflowDraft',
            fields=[
                ('workflow', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='draft', serialize=False, to='workflows.workflow')),
                ('document', models.JSONField()),
                ('number', models.PositiveIntegerField(default=1)),
                ('edited_by', models.CharField(max_length=250)),
                ('edited_at', models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name='WorkflowVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('document', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('message', models.CharField(blank=True, max_length=500)),
                ('published_by', models.CharField(max_length=250)),
                ('published_at', models.DateTimeField(auto_now_add=True)),
                ('workflow', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='workflows.workflow')),
            ],
        ),
        migrations.AddField(
            model_name='workflow',
            name='active',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workflows.workflowversion'),
        ),
        migrations.AddConstraint(
            model_name='workflowversion',
            constraint=models.UniqueConstraint(fields=('workflow', 'number'), name='workflow_version_number_is_used_once'),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
