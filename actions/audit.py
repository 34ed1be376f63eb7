"""The audit log's only writer.

Floor 4, below the verbs that use it.
"""

from actions.actors import Actor
from actions.deeds import Deed, Target
from actions.jsontypes import JSONObject
from actions.models import AuditEvent


def note(verb: Deed, *, by: Actor, on: Target, facts: JSONObject | None = None) -> None:
    """Write in the caller's transaction what was done, by whom and to what.

    `facts` say what there is to know of it, with before and after; never a secret.
    """
    AuditEvent.objects.create(
        actor_kind=by.kind,
        actor_id=by.id,
        actor_label=by.label,
        request_id=by.request_id,
        verb=verb,
        object_kind=on.kind,
        object_id=on.id,
        object_label=on.label,
        data=facts or {},
    )
