"""Each call about runs described, for the view's method that answers it. Floor 5."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import F, OpenApiParameter, extend_schema

from actions.api.openapi import parts
from actions.api.shapes.building import RUN_ID
from workflows.api.runs import requests
from workflows.states import RunStatus

JSON = "application/json"
_ID = OpenApiParameter("run_id", RUN_ID, OpenApiParameter.PATH, description="A run's id, `run_…`.")
_WORKFLOW = OpenApiParameter("name", str, OpenApiParameter.PATH, description="A workflow's name.")
_STEP = OpenApiParameter("name", str, OpenApiParameter.PATH, description="A step's name.")
_EVENT = OpenApiParameter("name", str, OpenApiParameter.PATH, description="The event's name.")
_HEADERS = [
    *(parts.LOCATION, parts.ASK_AGAIN, parts.APPLIED, parts.ERROR_SOURCE),
    *(parts.REPLAYED, parts.EXPIRES),
]
_NOT_THERE = ("run-not-found",)
_WITH_BODY = (*parts.WITH_BODY, "csrf-refused")
_FILTERS: list[tuple[str, dict[str, Any], str]] = [
    ("status", parts.any_of(RunStatus), "Any of these."),
    ("workflow", parts.ANY_TEXT, "Of any of these workflows."),
    ("rerun_of", parts.TEXT, "The run that it repeats."),
    ("since", parts.MOMENT, "Accepted then or later; `-24h` is 24 hours ago, also m, d and w."),
    ("until", parts.MOMENT, "Accepted before then, in the same forms."),
]


def _command(
    name: str,
    summary: str,
    description: str,
    *,
    shape: dict[str, Any],
    more: tuple[OpenApiParameter, ...] = (),
    codes: tuple[str, ...] = (),
) -> Callable[[F], F]:
    """A command to a run, which answers with the run as it is after that."""
    return extend_schema(
        operation_id=name,
        summary=summary,
        description=description,
        parameters=[_ID, *more, parts.PREFER, parts.WAIT, *_HEADERS],
        request={JSON: shape},
        responses={
            (200, JSON): parts.answer("Run", "It has ended."),
            (202, JSON): parts.answer("Run", "It has not ended yet."),
            **parts.problems(*_WITH_BODY, *_NOT_THERE, *codes),
        },
    )


START_RUN = extend_schema(
    operation_id="start_run",
    summary="Run a workflow",
    description=(
        "Starts a run of the active version, at most once for each idempotency key, and waits up "
        "to 5 seconds for its end unless Prefer says otherwise. A repeat with the same key and "
        "params answers from the record. How a run fails is `error` in a 200."
    ),
    parameters=[
        *(_WORKFLOW, parts.KEY, parts.PREFER, parts.WAIT, parts.TRACE),
        *_HEADERS,
    ],
    request={JSON: requests.START},
    responses={
        (200, JSON): parts.answer("Run", "It has ended, well or with `error`."),
        (202, JSON): parts.answer("Run", "It has not ended yet."),
        **parts.problems(
            *(*_WITH_BODY, *parts.WITH_KEY, "workflow-not-found", "workflow-version-not-found"),
            *("workflow-archived", "execution-in-progress", "outcome-unknown", "params-invalid"),
            "concurrency-key-held",
        ),
    },
)
LIST_RUNS = extend_schema(
    operation_id="list_runs",
    summary="List runs",
    description="Those that you may know of, the newest first, without their steps.",
    parameters=[*parts.filters_of(_FILTERS), parts.CURSOR, parts.LIMIT],
    responses={(200, JSON): parts.answer("RunPage", "A page."), **parts.problems()},
)
READ_RUN = extend_schema(
    operation_id="read_run",
    summary="Read one run",
    description="With its steps; at once, or with `wait` when it has ended or the time is up.",
    parameters=[
        *(_ID, parts.WAIT, parts.PREFER, parts.KNOWN_REVISION),
        *parts.OF_READING,
    ],
    responses={
        (200, JSON): parts.answer("Run", "However far it has come."),
        304: parts.NOT_CHANGED,
        **parts.problems(*_NOT_THERE),
    },
)
LIST_RUN_EVENTS = extend_schema(
    operation_id="list_run_events",
    summary="Read the log of a run",
    description="What happened to it and to its steps, when and by whom, from the first event on.",
    parameters=[_ID, parts.EVENT_CURSOR, parts.LIMIT],
    responses={
        (200, JSON): parts.answer("RunEventPage", "A page."),
        **parts.problems(*_NOT_THERE),
    },
)
READ_RUN_WAITING = extend_schema(
    operation_id="read_run_waiting",
    summary="Why a run waits",
    description="What all of it waits for, or what somebody has to do something about.",
    parameters=[_ID],
    responses={
        (200, JSON): parts.answer("RunWaiting", "The reason; null while it goes on."),
        **parts.problems(*_NOT_THERE),
    },
)
CANCEL_RUN = _command(
    "cancel_run",
    "Cancel a run",
    "Ends what waits, asks what runs to stop, and its sub-runs too. Asked again, it gives up what "
    "would undo steps but waits for an action, for its turn or for another try.",
    shape=requests.CANCEL,
    more=(parts.KEY,),
    codes=(*parts.WITH_KEY, "run-has-ended"),
)
PAUSE_RUN = _command(
    "pause_run",
    "Pause a run",
    "Begins no more steps; what runs is finished. A repeat with its key changes nothing.",
    shape=requests.PAUSE,
    more=(parts.KEY,),
    codes=(*parts.WITH_KEY, "run-has-ended"),
)
RESUME_RUN = _command(
    "resume_run",
    "Resume a run",
    "Goes on from where it was held up. A repeat with its key changes nothing.",
    shape=requests.RESUME,
    more=(parts.KEY,),
    codes=(*parts.WITH_KEY, "run-has-ended"),
)
SEND_EVENT = _command(
    "send_event",
    "Send an event to a run",
    "The first step that waits for it takes it; it is kept for one that will.",
    shape=requests.SEND,
    more=(_EVENT, parts.KEY),
    codes=(*parts.WITH_KEY, "run-has-ended", "params-invalid"),
)
ANSWER_STEP = _command(
    "answer_step",
    "Answer the question of an approval step",
    "Once, by somebody who has one of the step's roles or is named in it.",
    shape=requests.ANSWER,
    more=(_STEP, parts.KEY),
    codes=(*parts.WITH_KEY, "step-not-waiting", "params-invalid"),
)
RERUN_STEP = _command(
    "rerun_step",
    "Try a failed step again in its run",
    "Gives it a new execution; the run, which has ended, goes on from there. Where nobody knows "
    "whether the step had its effect, and where a later re-run has called something outside in it or "
    "goes on, a reason is required.",
    shape=requests.AGAIN,
    more=(_STEP, parts.KEY),
    codes=(*parts.WITH_KEY, "run-goes-on", "params-invalid", "concurrency-key-held"),
)
_VERSIONS = ("workflow-not-found", "workflow-version-not-found", "workflow-archived")
PREVIEW_RERUN = extend_schema(
    operation_id="preview_rerun",
    summary="See what a re-run would do",
    description=(
        "What becomes of each step: executed, reused, skipped, or why it cannot be. Takes the body "
        "of the re-run; nothing is stored."
    ),
    parameters=[_ID],
    request={JSON: requests.PREVIEW},
    responses={
        (200, JSON): parts.answer("RerunPreview", "The preview, with its digest."),
        **parts.problems(*_WITH_BODY, *_NOT_THERE, *_VERSIONS, "run-goes-on", "params-invalid"),
    },
)
RERUN_RUN = _command(
    "rerun_run",
    "Run an ended run again",
    "Starts a new run, linked to this one, as the preview with that digest has shown.",
    shape=requests.RERUN,
    more=(parts.KEY, parts.TRACE),
    codes=(
        *(*parts.WITH_KEY, *_VERSIONS, "run-goes-on", "situation-changed", "params-invalid"),
        "concurrency-key-held",
    ),
)
