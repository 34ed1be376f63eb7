"""Addresses of runs in this API, from the site's root. Floor 5."""

from uuid import UUID

from django.urls import reverse

from actions.ids import PREFIX_RUN, show
from actions.jsontypes import JSONObject

# What may be done with a run, by the last part of its address.
COMMANDS = ("cancel", "pause", "resume", "rerun-preview", "rerun")


def run(identity: UUID) -> str:
    """One run."""
    return reverse("workflows-api:run-detail", args=[show(PREFIX_RUN, identity)])


def of_run(identity: UUID, *, workflow: str) -> JSONObject:
    """One run, and what belongs to it."""
    own = run(identity)
    commands = {name.replace("-", "_"): f"{own}/{name}" for name in COMMANDS}
    return {
        "self": own,
        "events": f"{own}/events",
        "waiting": f"{own}/waiting",
        **commands,
        "workflow": reverse("workflows-api:workflow-detail", args=[workflow]),
    }
