"""The app's entry in Django."""

from django.apps import AppConfig


class NoopsConfig(AppConfig):
    """Actions that do nothing."""

    name = "benchmarks.noops"
    label = "noops"
