"""The list of actions and the page of one.

Floor 5, a door.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.errors import ActionNotFound, FieldProblem, Refusal
from actions.filters import ExecutionFilters
from actions.limits import Limit
from actions.models import Action, ActionVersion, Execution
from actions.policy import RetryPolicy
from actions.web import curl
from actions.web.catalogue import tables
from actions.web.door import PageRequest, page
from actions.web.executions.query import ListQuery
from actions.web.executions.rows import Row, row_of
from actions.web.forms.example import defaults_of, example_of
from actions.web.forms.keys import new_form_key
from actions.web.forms.shape import shape_of
from actions.web.forms.submission import Sent

RECENT = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogueRow:
    """One action of the list, with its newest execution if it has one."""

    action: Action
    version: ActionVersion
    summary: str
    retry_words: str
    newest: Row | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TryForm:
    """What the form to execute an action holds."""

    sent: Sent
    form_key: str
    own_key: str = ""
    refusal: Refusal | None = None


@require_safe
@page("actions:read")
def action_list(request: PageRequest) -> HttpResponse:
    """Every action that the reader may see, by name."""
    text = request.GET.get("q", "").strip()
    found = Action.objects.catalogue().mentioning(text)
    visible = [action for action in found if request.principal.sees(action.name)]
    newest = {each.action_name: each for each in Execution.objects.newest_of_each_action()}
    rows = [_catalogue_row(each, newest.get(each.name)) for each in visible if each.current]
    return render(request, "actions/action_list.html", {"rows": rows, "text": text})


@require_safe
@page("actions:read")
def action_detail(request: PageRequest, name: str) -> HttpResponse:
    """What an action does, takes and returns, with a form to execute it."""
    action, version = find(request, name)
    shape = shape_of(version.params_schema)
    begun = Sent.beginning(shape, defaults_of(shape))
    return show(request, action, TryForm(sent=begun, form_key=new_form_key()))


def find(request: PageRequest, name: str) -> tuple[Action, ActionVersion]:
    """The action of that name and its current version; raises ActionNotFound."""
    action = Action.objects.named(name)
    if action is None or action.current is None or not request.principal.sees(name):
        raise ActionNotFound(f"There is no action {name[:100]}. The catalogue lists them all.")
    return action, action.current


def show(request: PageRequest, action: Action, form: TryForm) -> HttpResponse:
    """The page of an action with its form as it stands; 422 if something in it was refused."""
    context = {
        **_description(request, action),
        "try": form,
        "form": _drawn(action, form),
        "may_execute": request.principal.may("actions:execute", action.name),
        "recent": _recent(action),
    }
    return render(
        request, "actions/action_detail.html", context, status=422 if form.refusal else 200
    )


def _description(request: HttpRequest, action: Action) -> dict[str, object]:
    version = action.current
    if version is None:
        return {}
    example = example_of(version.params_schema)
    return {
        "action": action,
        "version": version,
        "summary": summary_of(version),
        "details": version.description.partition("\n")[2].strip(),
        "retry_words": tables.retry_words(RetryPolicy.parse(version.retry)),
        "limit_words": tables.limit_words(map(Limit.parse, version.limits)),
        "default_timeout": settings.ACTIONSITE_DEFAULT_TIMEOUT_SECONDS,
        "params_rows": tables.rows_of(version.params_schema),
        "result_rows": tables.rows_of(version.result_schema),
        "curl": curl.of_execute(request, action.name, example),
        "python": curl.in_python(request, action.name, example),
        "list_url": ListQuery(filters=ExecutionFilters(action=(action.name,))).url(),
    }


def summary_of(version: ActionVersion) -> str:
    """The first line of what the action says about itself."""
    return version.description.partition("\n")[0].strip()


def _drawn(action: Action, form: TryForm) -> object:
    version = action.current
    if version is None:
        return None
    problems: Sequence[FieldProblem] = form.refusal.errors if form.refusal else ()
    return form.sent.drawn(shape_of(version.params_schema), problems)


def _recent(action: Action) -> list[Row]:
    filters = ExecutionFilters(action=(action.name,))
    return [row_of(each) for each in Execution.objects.with_version().page(filters, limit=RECENT)]


def _catalogue_row(action: Action, newest: Execution | None) -> CatalogueRow:
    version = action.current
    assert version is not None  # noqa: S101  # the caller leaves out actions without a version
    return CatalogueRow(
        action=action,
        version=version,
        summary=summary_of(version),
        retry_words=tables.retry_words(RetryPolicy.parse(version.retry)),
        newest=row_of(newest) if newest else None,
    )
