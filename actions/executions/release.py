"""Free an idempotency key before its time.

Floor 4.
"""

from django.db import transaction
from django.db.models.functions import Now

from actions import audit
from actions.actors import Actor
from actions.deeds import Deed, Target
from actions.errors import ExecutionInProgress
from actions.executions import holders
from actions.jsontypes import JSONObject
from actions.models import IdempotencyRecord
from actions.states import EventType


def release(record: IdempotencyRecord, *, by: Actor, reason: str = "") -> IdempotencyRecord:
    """Free a key now: the next request with it executes anew, and what it stands for stays.

    Raises ExecutionInProgress while that has not ended: a second one would run beside it.
    """
    with transaction.atomic():
        holder = holders.lock(record)
        if not holder.has_ended:
            raise ExecutionInProgress(
                f"{record.shown_holder} has this key and is {holder.status}; cancel it, or wait "
                "for its end, before the key is released."
            )
        # The generation rises with whatever the key stands for next.
        same = IdempotencyRecord.objects.filter(id=record.id, generation=record.generation)
        same.update(expires_at=Now())
        what = "execution" if record.run_id is None else "run"
        facts: JSONObject = {what: record.shown_holder, "reason": reason}
        holders.note(record, EventType.KEY_RELEASED, by=by, facts=facts)
        kind = "action" if record.run_id is None else "workflow"
        on = Target(kind=kind, id=record.name, label=f"the key of {record.shown_holder}")
        audit.note(Deed.IDEMPOTENCY_KEY_RELEASED, by=by, on=on, facts=facts)
    record.refresh_from_db()
    return record
