"""*Cancel…*: what it means, as a page and as a dialog, and the press of its button.

Floor 5, a door.
"""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions import executions
from actions.models import Execution
from actions.states import ExecutionStatus
from actions.web.door import PageRequest, page, require
from actions.web.executions.answers import leading_to
from actions.web.executions.detail import controls_of, find
from actions.web.forms.reason import reason_of


@require_safe
@page("executions:write")
def cancel_form(request: PageRequest, shown_id: str) -> HttpResponse:
    """The confirmation as a page of its own."""
    execution = find(request, shown_id)
    return render(request, "actions/execution_cancel.html", _context(request, execution))


@require_safe
@page("executions:write")
def cancel_dialog(request: PageRequest, shown_id: str) -> HttpResponse:
    """The same as a dialog."""
    execution = find(request, shown_id)
    return render(request, "actions/_cancel_dialog.html", _context(request, execution))


@page("executions:write")
def cancel(request: PageRequest, shown_id: str) -> HttpResponse:
    """Cancel it, or ask it to stop, and lead back to its page; asking again changes nothing."""
    execution = find(request, shown_id)
    require(request, "executions:write", name=execution.action_name)
    stopped = executions.cancel(
        execution_id=execution.id,
        by=request.principal.actor,
        reason=reason_of(request),
    )
    return leading_to(request, stopped)


def _context(request: PageRequest, execution: Execution) -> dict[str, object]:
    return {
        "execution": execution,
        "controls": controls_of(request, execution),
        "is_running": execution.status == ExecutionStatus.RUNNING,
    }
