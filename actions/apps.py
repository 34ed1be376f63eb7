"""The app that executes atomic actions durably."""

from django.apps import AppConfig


class ActionsConfig(AppConfig):
    """Actions: the catalogue, executions and their record."""

    name = "actions"
    verbose_name = "Actions"
    default_auto_field = "django.db.models.BigAutoField"
