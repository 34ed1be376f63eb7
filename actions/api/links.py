"""Addresses of this API, from the site's root. Floor 5.

Without a host: a stored outcome reads the same whichever name the caller used for this service.
"""

from uuid import UUID

from django.urls import reverse

from actions.ids import PREFIX_EXECUTION, show


def execution(identity: UUID) -> str:
    """One execution."""
    return reverse("api:execution-detail", args=[show(PREFIX_EXECUTION, identity)])


def action(name: str) -> str:
    """One action of the catalogue."""
    return reverse("api:action-detail", args=[name])


def executions_of_action(name: str) -> str:
    """Where an action is executed."""
    return reverse("api:action-executions", args=[name])
