"""Addresses of workflows in this API, from the site's root. Floor 5."""

from django.urls import reverse

from actions.jsontypes import JSONObject


def of_workflow(name: str) -> JSONObject:
    """One workflow, and what belongs to it."""
    return {
        "self": reverse("workflows-api:workflow-detail", args=[name]),
        "draft": reverse("workflows-api:workflow-draft", args=[name]),
        "versions": reverse("workflows-api:workflow-version-list", args=[name]),
    }


def version(name: str, number: int) -> str:
    """One version of a workflow."""
    return reverse("workflows-api:workflow-version-detail", args=[name, number])
