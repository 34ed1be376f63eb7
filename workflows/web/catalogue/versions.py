"""One version of a workflow, what two of them differ in, and which one is active.

Floor 5, a door.
"""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from actions.web.confirm import Question, ask
from actions.web.door import PageRequest, going_to, page, require
from workflows import comparison, definitions
from workflows.ends import ACTIVE, DRAFT, end_at
from workflows.models import Workflow, WorkflowVersion
from workflows.web.catalogue.views import MAX_VERSIONS, describe
from workflows.web.finding import find_version, find_workflow
from workflows.web.rights import READ_WORKFLOWS, WRITE_WORKFLOWS

MAX_CHANGES = 500


@require_safe
@page(READ_WORKFLOWS)
def version_detail(request: PageRequest, name: str, number: int) -> HttpResponse:
    """The version with its steps and its text."""
    workflow = find_workflow(request, name)
    version = find_version(workflow, number)
    context = {
        **describe(version),
        "workflow": workflow,
        "is_active": version.pk == workflow.active_id,
        # Versions are numbered without gaps.
        "previous": number - 1,
        "may_activate": request.principal.may(WRITE_WORKFLOWS, name),
    }
    return render(request, "workflows/version_detail.html", context)


@require_safe
@page(READ_WORKFLOWS)
def version_diff(request: PageRequest, name: str) -> HttpResponse:
    """What has changed between two versions, or to the draft, in sentences."""
    workflow = find_workflow(request, name)
    old = end_at(workflow, request.GET.get("from", ACTIVE))
    new = end_at(workflow, request.GET.get("to", DRAFT))
    changes = comparison.compare(old.document, new.document)
    versions = WorkflowVersion.objects.of(name)[:MAX_VERSIONS]
    context = {
        "workflow": workflow,
        "old": old,
        "new": new,
        "changes": changes[:MAX_CHANGES],
        "hidden": max(len(changes) - MAX_CHANGES, 0),
        "ends": [
            (DRAFT, "Draft"),
            (ACTIVE, "Active"),
            *((str(row.number), f"v{row.number}") for row in versions),
        ],
    }
    return render(request, "workflows/version_diff.html", context)


@require_safe
@page(WRITE_WORKFLOWS)
def activate_form(request: PageRequest, name: str, number: int) -> HttpResponse:
    """What activating that version means."""
    workflow = find_workflow(request, name)
    return ask(request, _question(workflow, find_version(workflow, number)))


@page(WRITE_WORKFLOWS)
def activate(request: PageRequest, name: str, number: int) -> HttpResponse:
    """Let new runs begin with it, and lead to the workflow."""
    workflow = find_workflow(request, name)
    require(request, WRITE_WORKFLOWS, name=name)
    definitions.activate(workflow.name, number, by=request.principal.actor)
    return going_to(request, reverse("workflows-web:workflow", args=[name]))


def _question(workflow: Workflow, version: WorkflowVersion) -> Question:
    active = workflow.active
    words = f"New runs of {workflow.name} begin with version {version.number}"
    instead = f" instead of version {active.number}" if active else ""
    return Question(
        title=f"Activate version {version.number}?",
        subject=workflow.name,
        words=f"{words}{instead}. Runs that have begun stay in their version.",
        button=f"Activate version {version.number}",
        url=reverse("workflows-web:version-activate", args=[workflow.name, version.number]),
        back=reverse("workflows-web:version", args=[workflow.name, version.number]),
        refusal="It is the active one already." if version.pk == workflow.active_id else "",
        keep="Leave it",
        is_dangerous=False,
    )
