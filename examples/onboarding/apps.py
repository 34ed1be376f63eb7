"""The app's entry in Django."""

from django.apps import AppConfig


class OnboardingConfig(AppConfig):
    """The example app of users, invoices and what is done for them."""

    name = "onboarding"
    verbose_name = "Onboarding"
    default_auto_field = "django.db.models.BigAutoField"
