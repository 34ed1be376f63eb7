"""One execution: its sentence, its evidence, and the fragment that keeps both fresh.

Floor 5, a door.
"""

import hashlib
from dataclasses import dataclass
from typing import Literal

from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from actions import ids
from actions.errors import ExecutionNotFound
from actions.executions.waiting import Waiting, why_waiting
from actions.filters import ExecutionFilters
from actions.models import Execution, LogLine
from actions.states import ExecutionStatus
from actions.web import curl
from actions.web.door import PageRequest, page
from actions.web.executions import record
from actions.web.executions.query import ListQuery
from actions.web.executions.wording import announcement, wording_of

# How soon a page asks again while its execution is under way.
BUSY_SECONDS, IDLE_SECONDS = 1, 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Controls:
    """What the reader may press: hidden if it never can be, else a reason if not now."""

    may_write: bool
    rerun_refusal: str = ""
    cancel_refusal: str = ""

    @property
    def may_rerun(self) -> bool:
        """Whether *Re-run…* can be pressed now."""
        return self.may_write and not self.rerun_refusal

    @property
    def may_cancel(self) -> bool:
        """Whether *Cancel…* can be pressed now."""
        return self.may_write and not self.cancel_refusal


@require_safe
@page("executions:read")
def execution_detail(request: PageRequest, shown_id: str) -> HttpResponse:
    """The page of one execution."""
    execution = find(request, shown_id)
    return render(request, "actions/execution_detail.html", _context(request, execution))


@require_safe
@page("executions:read")
def execution_live(request: PageRequest, shown_id: str) -> HttpResponse:
    """The part of the page that changes; 304 while the tag that the page sends still holds."""
    execution = find(request, shown_id)
    waiting = why_waiting(execution)
    tag = _tag(execution, waiting)
    if request.headers.get("HX-PTag") == tag:
        return HttpResponseNotModified()
    response = render(
        request, "actions/_execution_live.html", _context(request, execution, waiting=waiting)
    )
    response["HX-PTag"] = tag
    return response


def find(request: PageRequest, shown_id: str) -> Execution:
    """The execution of that id with its version and action; raises ExecutionNotFound."""
    try:
        identity = ids.parse(ids.PREFIX_EXECUTION, shown_id)
    except ValueError as wrong:
        raise ExecutionNotFound(f"There is no execution {shown_id[:60]}. {wrong}") from wrong
    execution = Execution.objects.find(identity)
    if execution is None or not request.principal.sees(execution.action_name):
        raise ExecutionNotFound(
            f"There is no execution {shown_id}. It may have been removed by the retention rules."
        )
    return execution


def controls_of(request: PageRequest, execution: Execution) -> Controls:
    """What this reader may do with this execution now."""
    may_write = request.principal.may("executions:write", execution.action_name)
    return Controls(
        may_write=may_write,
        rerun_refusal=_rerun_refusal(execution),
        cancel_refusal=_cancel_refusal(execution),
    )


def _context(
    request: PageRequest, execution: Execution, *, waiting: Waiting | None = None
) -> dict[str, object]:
    level: Literal["all", "errors"] = "errors" if request.GET.get("level") == "errors" else "all"
    waiting = waiting or why_waiting(execution)
    evidence = record.read(execution, level=level)
    sentence = wording_of(evidence, waiting)
    return {
        "execution": execution,
        "record": evidence,
        "sentence": sentence,
        "announcement": announcement(execution, sentence),
        "waiting": waiting,
        "controls": controls_of(request, execution),
        "alike": _alike(request, execution),
        "live_url": _live_url(execution, level),
        "poll_seconds": BUSY_SECONDS if _is_busy(execution) else IDLE_SECONDS,
        "tag": _tag(execution, waiting),
        "curl": curl.of_execution(request, execution.shown_id),
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Alike:
    """How many executions of the action failed with the same code, and the list of them."""

    count: int
    href: str


def _alike(request: PageRequest, execution: Execution) -> Alike | None:
    if execution.status != ExecutionStatus.FAILED:
        return None
    filters = ExecutionFilters(
        status=(ExecutionStatus.FAILED,),
        action=(execution.action_name,),
        error_code=(execution.error_code,),
    )
    count = Execution.objects.matching(filters).capped_count(1_000)
    return Alike(count=count, href=ListQuery(filters=filters).url())


def _live_url(execution: Execution, level: str) -> str:
    """Where the page asks for changes; empty once there can be none."""
    if execution.is_terminal:
        return ""
    url = reverse("web:execution-live", args=[execution.shown_id])
    return f"{url}?level={level}" if level != "all" else url


def _is_busy(execution: Execution) -> bool:
    return execution.status == ExecutionStatus.RUNNING


def _tag(execution: Execution, waiting: Waiting | None) -> str:
    # Lines of a running attempt arrive without a new revision of the execution.
    lines = LogLine.objects.of(execution.id).count() if _is_busy(execution) else 0
    words = waiting.sentence if waiting else ""
    return f"{execution.revision}-{lines}-{hashlib.sha256(words.encode()).hexdigest()[:8]}"


def _rerun_refusal(execution: Execution) -> str:
    if execution.run_id is not None:
        return f"It is a step of {execution.shown_run_id}: run it again there."
    if not execution.is_terminal:
        return f"It is {execution.status}: cancel it, or wait until it has ended."
    if not execution.action.is_enabled:
        return f"The action is disabled. {execution.action.disabled_note}".strip()
    return ""


def _cancel_refusal(execution: Execution) -> str:
    if execution.is_terminal:
        return "It has ended."
    if execution.cancel_requested_at is not None:
        return "It has been asked to stop and will at its next heartbeat."
    return ""
