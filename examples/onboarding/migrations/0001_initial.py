"""Users, who are numbered from 12345, and invoices."""

from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="OnboardedUser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.CharField(max_length=254)),
                ("name", models.CharField(max_length=200)),
                ("plan", models.CharField(max_length=20)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(Upper("email"), name="user_has_an_address_of_their_own"),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE onboarding_onboardeduser ALTER COLUMN id RESTART WITH 12345",
            reverse_sql=migrations.RunSQL.noop,
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order_id", models.CharField(db_index=True, max_length=100)),
                ("amount", models.BigIntegerField(help_text="in the currency's smallest unit")),
                ("currency", models.CharField(max_length=3)),
                ("issued_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="invoice_amount_is_positive"),
                ],
            },
        ),
    ]
