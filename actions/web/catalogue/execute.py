"""The press of *Execute* on an action's page.

Floor 5, a door.
"""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse

from actions import errors, executions
from actions.models import ActionVersion
from actions.web.catalogue.views import TryForm, find, show
from actions.web.door import PageRequest, page, require
from actions.web.executions.answers import leading_to
from actions.web.forms.shape import shape_of
from actions.web.forms.submission import Sent

# These are about what somebody wrote, so they are told beside the form that holds it.
TOLD_IN_FORM = (
    errors.ParamsInvalid,
    errors.IdempotencyKeyInvalid,
    errors.IdempotencyKeyRequired,
    errors.IdempotencyKeyReused,
    errors.ActionDisabled,
)


@page("actions:execute")
def execute(request: PageRequest, name: str) -> HttpResponse:
    """Execute an action with the form's params, and lead to the execution."""
    action, version = find(request, name)
    require(request, "actions:execute", name=name)
    form = _form(request)
    if form.sent.switch_to:
        switched = form.sent.switched(shape_of(version.params_schema))
        return show(request, action, replace(form, sent=switched))
    try:
        submission = _submit(request, version, form)
    except TOLD_IN_FORM as refusal:
        return show(request, action, replace(form, refusal=refusal))
    if submission.is_replay or submission.is_attached:
        _tell_of_repeat(request, submission)
    return leading_to(request, submission.execution)


def _form(request: PageRequest) -> TryForm:
    return TryForm(
        sent=Sent.of(request.POST),
        form_key=request.POST.get("form_key", ""),
        own_key=request.POST.get("key", "").strip(),
    )


def _submit(request: PageRequest, version: ActionVersion, form: TryForm) -> executions.Submission:
    reading = form.sent.read(shape_of(version.params_schema))
    if reading.problems:
        raise errors.ParamsInvalid("The params could not be read.", errors=reading.problems)
    # Where the params are the key, the form must not bring another one.
    own_key = form.own_key or (None if version.idempotency == "derived" else form.form_key)
    return executions.submit(
        action=version.action.name,
        params=reading.params,
        by=request.principal.actor,
        key=own_key or None,
    )


def _tell_of_repeat(request: PageRequest, submission: executions.Submission) -> None:
    answer = (
        "This key was used before, so its stored outcome is shown; nothing was executed again."
        if submission.is_replay
        else "This key was used before and its execution is still under way; here it is."
    )
    messages.info(request, answer, extra_tags="reused")
