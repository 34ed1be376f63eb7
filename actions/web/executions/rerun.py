"""*Re-run…*: the preview with its form, as a page and as a dialog, and the press of its button.

Floor 5, a door.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions import executions, masking, vault
from actions.errors import FieldProblem, ParamsInvalid
from actions.jsontypes import JSONObject
from actions.models import Execution
from actions.web.door import PageRequest, is_fragment, page, require
from actions.web.executions.answers import leading_to
from actions.web.executions.detail import controls_of, find
from actions.web.executions.preview import preview_of
from actions.web.forms.keys import new_form_key
from actions.web.forms.masks import restored
from actions.web.forms.reason import reason_of
from actions.web.forms.shape import Shape, shape_of
from actions.web.forms.submission import Sent

PAGE, DIALOG = "actions/execution_rerun.html", "actions/_rerun_dialog.html"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What the form holds. `key` is the form's own, so that pressing twice asks once."""

    key: str
    reason: str
    is_edited: bool
    sent: Sent


@require_safe
@page("executions:write")
def rerun_form(request: PageRequest, shown_id: str) -> HttpResponse:
    """The preview and the form, as a page of its own; `?edit=1` begins with the params open."""
    return _begin(request, find(request, shown_id), template=PAGE)


@require_safe
@page("executions:write")
def rerun_dialog(request: PageRequest, shown_id: str) -> HttpResponse:
    """The same as a dialog."""
    return _begin(request, find(request, shown_id), template=DIALOG)


@page("executions:write")
def rerun(request: PageRequest, shown_id: str) -> HttpResponse:
    """Start the re-run and lead to it; pressing twice starts one."""
    execution = find(request, shown_id)
    for permission in ("executions:write", "actions:execute"):
        require(request, permission, name=execution.action_name)
    answers = _answers(request)
    if answers.sent.switch_to:
        switched = replace(answers, sent=answers.sent.switched(_shape(execution)))
        return _show(request, execution, switched)
    try:
        new = executions.rerun(
            execution_id=execution.id,
            by=request.principal.actor,
            reason=answers.reason,
            params=_edited_params(execution, answers),
            key=answers.key,
        )
    except ParamsInvalid as refusal:
        return _show(request, execution, answers, refusal=refusal)
    return leading_to(request, new)


def _begin(request: PageRequest, execution: Execution, *, template: str) -> HttpResponse:
    params: JSONObject = masking.masked(execution.params, schema=_schema(execution))
    answers = Answers(
        key=new_form_key(),
        reason="",
        is_edited=request.GET.get("edit") == "1",
        sent=Sent.beginning(_shape(execution), params),
    )
    return _show(request, execution, answers, template=template)


def _answers(request: PageRequest) -> Answers:
    return Answers(
        key=request.POST.get("key", ""),
        reason=reason_of(request),
        is_edited=request.POST.get("params_choice") == "edit",
        sent=Sent.of(request.POST),
    )


def _edited_params(execution: Execution, answers: Answers) -> JSONObject | None:
    """The params as the reader changed them; None to run with the same ones."""
    if not answers.is_edited:
        return None
    reading = answers.sent.read(_shape(execution))
    if reading.problems:
        raise ParamsInvalid("The params could not be read.", errors=reading.problems)
    return restored(
        reading.params,
        original=vault.params_of(execution),
        schema=_schema(execution),
        keeps_absent=not answers.sent.is_json,
    )


def _show(
    request: PageRequest,
    execution: Execution,
    answers: Answers,
    *,
    template: str = "",
    refusal: ParamsInvalid | None = None,
) -> HttpResponse:
    problems: Sequence[FieldProblem] = refusal.errors if refusal else ()
    context = {
        "execution": execution,
        "controls": controls_of(request, execution),
        "preview": preview_of(execution),
        "answers": answers,
        "refusal": refusal,
        "form": answers.sent.drawn(_shape(execution), problems),
    }
    template = template or (DIALOG if is_fragment(request) else PAGE)
    return render(request, template, context, status=422 if refusal else 200)


def _schema(execution: Execution) -> JSONObject:
    """The params' schema of the version that a re-run runs; what was sealed stays marked."""
    current = execution.action.current or execution.version
    return masking.marking(current.params_schema, vault.hidden_params_of(execution))


def _shape(execution: Execution) -> Shape:
    return shape_of(_schema(execution))
