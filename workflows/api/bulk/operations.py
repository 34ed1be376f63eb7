"""Each call about bulk re-runs described, for the view's method that answers it. Floor 5."""

from drf_spectacular.utils import OpenApiParameter, extend_schema

from actions.api.openapi import parts
from actions.api.shapes.building import BULK_ID
from workflows.api.bulk import requests

JSON = "application/json"
_ID = OpenApiParameter(
    "bulk_id", BULK_ID, OpenApiParameter.PATH, description="A bulk re-run's id, `bulk_…`."
)
_LOCATION = parts.told("Location", "The bulk re-run.", 200, 201)
_NOT_THERE = ("bulk-rerun-not-found",)
_WITH_BODY = (*parts.WITH_BODY, "csrf-refused")

PREVIEW = extend_schema(
    operation_id="preview_bulk_rerun",
    summary="Count the runs of a bulk re-run",
    description=(
        "Those that have ended, that are no step of another run and that the filters find. Confirm "
        "the count, with the filters that are answered: they have the moment up to which."
    ),
    request={JSON: requests.PREVIEW},
    responses={
        (200, JSON): parts.answer("BulkRerunPreview", "The count."),
        **parts.problems(*_WITH_BODY),
    },
)
LIST = extend_schema(
    operation_id="list_bulk_reruns",
    summary="List bulk re-runs",
    description="Those of which you may know every workflow, the newest first.",
    parameters=[parts.CURSOR, parts.LIMIT],
    responses={(200, JSON): parts.answer("BulkRerunPage", "A page."), **parts.problems()},
)
START = extend_schema(
    operation_id="start_bulk_rerun",
    summary="Run many ended runs again",
    description=(
        "Freezes the list of runs that the filters find now, and begins a re-run of each, the "
        "oldest first. Nothing starts if there are more or fewer than you expect. A run that was "
        "run again meanwhile is skipped, and so is one that cannot be."
    ),
    parameters=[parts.KEY, parts.REPLAYED, _LOCATION],
    request={JSON: requests.START},
    responses={
        (200, JSON): parts.answer("BulkRerun", "What an earlier request with this key started."),
        (201, JSON): parts.answer("BulkRerun", "It has been started."),
        **parts.problems(*_WITH_BODY, *parts.WITH_KEY, "situation-changed", "params-invalid"),
    },
)
READ = extend_schema(
    operation_id="read_bulk_rerun",
    summary="Read one bulk re-run",
    description="With its progress.",
    parameters=[_ID],
    responses={
        (200, JSON): parts.answer("BulkRerun", "However far it has come."),
        **parts.problems(*_NOT_THERE),
    },
)
LIST_RUNS = extend_schema(
    operation_id="list_bulk_rerun_runs",
    summary="List the runs of a bulk re-run",
    description="Each that was chosen, with its re-run, or why it was skipped.",
    parameters=[_ID, parts.CURSOR, parts.LIMIT],
    responses={
        (200, JSON): parts.answer("BulkRerunEntryPage", "A page."),
        **parts.problems(*_NOT_THERE),
    },
)
STOP = extend_schema(
    operation_id="stop_bulk_rerun",
    summary="Stop a bulk re-run",
    description="Begins no more runs; those that have begun go on. A repeat changes nothing.",
    parameters=[_ID],
    request={JSON: requests.STOP},
    responses={
        (200, JSON): parts.answer("BulkRerun", "As it is after that."),
        **parts.problems(*_WITH_BODY, *_NOT_THERE),
    },
)
