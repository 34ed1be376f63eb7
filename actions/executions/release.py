"""Free an idempotency key before its time.

Floor 4.
"""

from django.db import transaction
from django.db.models.functions import Now

from actions import audit
from actions.actors import Actor
from actions.deeds import Deed, Target
from actions.errors import ExecutionInProgress
from actions.executions import events
from actions.ids import PREFIX_EXECUTION, show
from actions.jsontypes import JSONObject
from actions.models import Execution, IdempotencyRecord
from actions.states import EventType


def release(record: IdempotencyRecord, *, by: Actor, reason: str = "") -> IdempotencyRecord:
    """Free a key now: the next request with it executes anew, and the execution stays as it is.

    Raises ExecutionInProgress while the execution has not ended: a second one would run beside it.
    """
    execution_id = show(PREFIX_EXECUTION, record.execution_id)
    with transaction.atomic():
        execution = Execution.objects.locked(record.execution_id)
        if execution is not None and not execution.is_terminal:
            raise ExecutionInProgress(
                f"{execution.shown_id} has this key and is {execution.status}; cancel it, or wait "
                "for its end, before the key is released."
            )
        IdempotencyRecord.objects.filter(id=record.id, execution_id=record.execution_id).update(
            expires_at=Now()
        )
        facts: JSONObject = {"execution": execution_id, "reason": reason}
        events.append(record.execution_id, EventType.KEY_RELEASED, by=by, facts=facts)
        on = Target(kind="action", id=record.name, label=f"the key of {execution_id}")
        audit.note(Deed.IDEMPOTENCY_KEY_RELEASED, by=by, on=on, facts=facts)
    record.refresh_from_db()
    return record
