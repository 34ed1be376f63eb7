"""*Run…*: the form from a workflow's params schema, and the press of its button.

Floor 5, a door.
"""

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.errors import FieldProblem, IdempotencyKeyReused, ParamsInvalid, Refusal
from actions.jsontypes import JSONObject
from actions.web.door import PageRequest, page, require
from actions.web.forms.example import defaults_of
from actions.web.forms.keys import new_form_key
from actions.web.forms.submission import Sent
from workflows import runs
from workflows.errors import WorkflowArchived, WorkflowVersionNotFound
from workflows.models import Run, WorkflowVersion
from workflows.web.finding import find_workflow
from workflows.web.rights import WRITE_RUNS
from workflows.web.runs.choice import params_in, shape_in
from workflows.web.runs.control import leading_to


@require_safe
@page(WRITE_RUNS)
def start_form(request: PageRequest, name: str) -> HttpResponse:
    """The form, with the defaults of the schema."""
    version = _active(request, name)
    shape = shape_in(version)
    return _show(request, version, Sent.beginning(shape, defaults_of(shape)))


@page(WRITE_RUNS)
def start(request: PageRequest, name: str) -> HttpResponse:
    """Start a run with the form's params and lead to it; pressing twice starts one."""
    require(request, WRITE_RUNS, name=name)
    version, sent = _active(request, name), Sent.of(request.POST)
    if sent.switch_to:
        return _show(request, version, sent.switched(shape_in(version)))
    try:
        _check_seen(version, request.POST.get("version", ""))
        run = _submit(request, name, params_in(sent, shape_in(version)))
    except (ParamsInvalid, IdempotencyKeyReused) as refusal:
        return _show(request, version, sent, refusal=refusal)
    return leading_to(request, run)


def _submit(request: PageRequest, name: str, params: JSONObject) -> Run:
    """The run of this form; raises IdempotencyKeyReused if it has started one with other params."""
    key = request.POST.get("form_key") or None
    try:
        actor = request.principal.actor
        return runs.submit(workflow=name, params=params, by=actor, key=key).held
    except IdempotencyKeyReused:
        raise IdempotencyKeyReused(
            "This form has started a run already, with other params. Press again to start another one "
            "with these."
        ) from None


def _active(request: PageRequest, name: str) -> WorkflowVersion:
    """The version that new runs begin with; raises what stands against a new run."""
    workflow = find_workflow(request, name)
    if workflow.is_archived:
        raise WorkflowArchived(f"The workflow {name} is archived; it takes no new runs.")
    if workflow.active is None:
        raise WorkflowVersionNotFound(f"The workflow {name} has no active version; publish one.")
    return workflow.active


def _check_seen(version: WorkflowVersion, seen: str) -> None:
    """Nobody starts another version than the one whose form was filled in."""
    if seen != str(version.number):
        raise ParamsInvalid(
            f"Version {version.number} has become the active one since this form was opened. It is "
            "the one that would run now; look at the params and press again."
        )


def _show(
    request: PageRequest,
    version: WorkflowVersion,
    sent: Sent,
    *,
    refusal: Refusal | None = None,
) -> HttpResponse:
    is_used = isinstance(refusal, IdempotencyKeyReused)
    problems: Sequence[FieldProblem] = refusal.errors if refusal else ()
    context = {
        "workflow": version.workflow,
        "version": version,
        "form": sent.drawn(shape_in(version), problems),
        "form_key": (not is_used and request.POST.get("form_key")) or new_form_key(),
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    return render(request, "workflows/workflow_run.html", context, status=status)
