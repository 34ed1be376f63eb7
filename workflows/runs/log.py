"""Add to the log of a run what changes nothing of it.

Floor 4. What does change it is written by its passage, with the change.
"""

from uuid import UUID

from django.db.models import F

from actions.actors import Actor
from actions.jsontypes import JSONObject
from workflows.models import Run, RunEvent
from workflows.states import RunEventType


def append(run_id: UUID, kind: RunEventType, *, by: Actor, facts: JSONObject) -> None:
    """Write one event in the caller's transaction; the revision stays, for the answer does."""
    Run.objects.filter(id=run_id).update(event_count=F("event_count") + 1)
    RunEvent(
        run_id=run_id,
        seq=Run.objects.values_list("event_count", flat=True).get(id=run_id),
        type=kind,
        actor_kind=by.kind,
        actor_id=by.id,
        actor_label=by.label,
        request_id=by.request_id,
        data=facts,
    ).save(force_insert=True)
