"""Bulk re-runs as JSON, made from nothing but the stored rows. Floor 5.

`shapes` documents what is made here.
"""

from collections.abc import Iterable
from dataclasses import asdict

from django.conf import settings
from django.urls import reverse

from actions.api.bodies import actor, moment
from actions.jsontypes import JSONObject
from workflows.models import BulkRerun, BulkRerunEntry
from workflows.models.bulk import Progress
from workflows.runs.bulk import Chosen


def preview(chosen: Chosen) -> JSONObject:
    """How many runs some filters find."""
    return {
        "object": "bulk_rerun_preview",
        "count": chosen.count,
        "limit": settings.ACTIONSITE_BULK_MAX,
        "filters": dict(chosen.filters.as_query()),
    }


def bulk_reruns(rows: Iterable[BulkRerun]) -> list[JSONObject]:
    """Several, with how far they have come; one query for all of them."""
    kept = list(rows)
    progress = BulkRerunEntry.objects.progress_of([row.id for row in kept])
    return [_one(row, progress.get(row.id, Progress())) for row in kept]


def _one(row: BulkRerun, progress: Progress) -> JSONObject:
    return {
        "object": "bulk_rerun",
        "id": row.shown_id,
        "status": row.status,
        "filters": row.filters,
        "what": row.what,
        "version": row.version,
        "reason": row.reason,
        "spacing_seconds": row.spacing_seconds,
        "workflows": list(row.workflow_names),
        "count": row.run_count,
        "progress": asdict(progress),
        "actor": actor(row),
        "request_id": row.request_id or None,
        "created_at": moment(row.created_at),
        "finished_at": moment(row.finished_at),
        "stopped_at": moment(row.stopped_at),
        "stopped_by": row.stopped_by or None,
        "replayed": False,
        "links": _links(row),
    }


def _links(row: BulkRerun) -> JSONObject:
    own = reverse("workflows-api:bulk-rerun-detail", args=[row.shown_id])
    return {"self": own, "runs": f"{own}/runs", "stop": f"{own}/stop"}


def entry(row: BulkRerunEntry) -> JSONObject:
    """One run that was chosen."""
    return {
        "object": "bulk_rerun_entry",
        "position": row.position,
        "run": row.shown_run_id,
        "status": row.status,
        "new_run": row.shown_new_run_id or None,
        "why": row.why or None,
        "taken_at": moment(row.taken_at),
    }
