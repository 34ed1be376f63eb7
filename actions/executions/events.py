"""Add facts to an execution's log.

Floor 4. An event's number comes from the execution's row, so the log has no gaps and two writers
of one execution follow one another.
"""

from uuid import UUID

from django.db.models import F

from actions.actors import Actor
from actions.jsontypes import JSONObject
from actions.models import Execution, ExecutionEvent
from actions.states import EventType


def append(
    execution_id: UUID, kind: EventType, *, by: Actor, facts: JSONObject | None = None
) -> None:
    """Write one event in the caller's transaction and raise the row's revision."""
    Execution.objects.filter(id=execution_id).update(
        event_count=F("event_count") + 1, revision=F("revision") + 1
    )
    seq = Execution.objects.values_list("event_count", flat=True).get(id=execution_id)
    ExecutionEvent(
        execution_id=execution_id,
        seq=seq,
        type=kind,
        actor_kind=by.kind,
        actor_id=by.id,
        actor_label=by.label,
        request_id=by.request_id,
        data=facts or {},
    ).save(force_insert=True)
