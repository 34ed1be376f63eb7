"""The list of workflows, and the page of one.

Floor 5, a door.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from actions.models import RollUp
from actions.models.rollup import Kind, Totals, Unit
from actions.web import lists
from actions.web.catalogue.tables import rows_of
from actions.web.door import PageRequest, page
from actions.web.lists import Asked, Page
from workflows.definition import Step
from workflows.filters import RunFilters
from workflows.models import Run, Workflow, WorkflowVersion
from workflows.runs import plans
from workflows.web import words
from workflows.web.catalogue.documents import text_of
from workflows.web.finding import find_workflow
from workflows.web.rights import READ_WORKFLOWS, WRITE_RUNS
from workflows.web.runs import rows as run_rows
from workflows.web.runs.rows import RunRow

RECENT = 8
MAX_VERSIONS = 50
MAX_STEPS = 200
LATELY = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkflowRow:
    """One workflow of the list, its newest run if it has one, and what ended in `LATELY`."""

    workflow: Workflow
    summary: str
    newest: RunRow | None
    day: Totals


@dataclass(frozen=True, kw_only=True, slots=True)
class StepLine:
    """One step of a definition in words."""

    step: Step
    words: str
    conditions: str


@require_safe
@page(READ_WORKFLOWS)
def workflow_list(request: PageRequest) -> HttpResponse:
    """The workflows that the reader may see, by name, fifty to a page."""
    asked = Asked.of(request)
    text = asked.text("q").strip()
    visible = Workflow.objects.listed().named_like(request.principal.patterns)
    found = visible.mentioning(text).following(asked.place)
    shown = Page.of(asked, list(found[: lists.PAGE_SIZE + 1]), lambda workflow: workflow.name)
    context = {
        "page": shown,
        "rows": _rows(shown.rows),
        "text": text,
    }
    return render(request, "workflows/workflow_list.html", context)


@require_safe
@page(READ_WORKFLOWS)
def workflow_detail(request: PageRequest, name: str) -> HttpResponse:
    """What a workflow does and takes, its versions and its last runs."""
    workflow = find_workflow(request, name)
    filters = RunFilters(workflow=(name,))
    context = {
        **describe(workflow.active),
        "workflow": workflow,
        "versions": WorkflowVersion.objects.of(name)[:MAX_VERSIONS],
        "version_limit": MAX_VERSIONS,
        "recent": run_rows.rows_of(list(Run.objects.matching(filters)[:RECENT])),
        "may_run": may_run(request, workflow),
    }
    return render(request, "workflows/workflow_detail.html", context)


def may_run(request: PageRequest, workflow: Workflow) -> bool:
    """Whether this reader can start it now."""
    is_ready = workflow.active is not None and not workflow.is_archived
    return is_ready and request.principal.may(WRITE_RUNS, workflow.name)


def describe(version: WorkflowVersion | None) -> dict[str, object]:
    """A version for a page: what it takes, its steps in words, its text; empty without one."""
    if version is None:
        return {"version": None}
    plan = plans.of(version.pk)
    definition = plan.definition
    return {
        "version": version,
        "definition": definition,
        "params_rows": rows_of(definition.params_schema),
        "lines": [_line(plan.step(name)) for name in plan.graph.order[:MAX_STEPS]],
        "hidden": max(len(definition.steps) - MAX_STEPS, 0),
        "text": text_of(version),
    }


def _line(step: Step) -> StepLine:
    return StepLine(
        step=step,
        words=words.words_of(step),
        conditions=", ".join(words.conditions_of(step)),
    )


def _rows(workflows: Sequence[Workflow]) -> list[WorkflowRow]:
    names = [workflow.name for workflow in workflows]
    newest = list(Run.objects.newest_of(names).values())
    rows = {row.run.workflow_name: row for row in run_rows.rows_of(newest)}
    hours = RollUp.objects.of(Kind.WORKFLOW, unit=Unit.HOUR, since=timezone.now() - LATELY)
    days = hours.named(names).by_name()
    return [
        WorkflowRow(
            workflow=workflow,
            summary=_summary(workflow),
            newest=rows.get(workflow.name),
            day=days.get(workflow.name, Totals()),
        )
        for workflow in workflows
    ]


def _summary(workflow: Workflow) -> str:
    description: str = getattr(workflow, "description", None) or ""
    return description.strip().partition("\n")[0]
