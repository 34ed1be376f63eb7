"""Begin no more runs of a bulk re-run.

Floor 4.
"""

from uuid import UUID

from django.db import transaction

from actions import audit
from actions.actors import Actor
from actions.deeds import Deed, Target
from actions.ids import PREFIX_BULK, show
from workflows.errors import BulkRerunNotFound
from workflows.models import BulkRerun


def stop(bulk_id: UUID, *, by: Actor, reason: str = "") -> BulkRerun:
    """Leave over what has not begun; what has begun goes on. One that has finished stays as it is.

    Waits for the runs that are being begun at this moment. Raises BulkRerunNotFound.
    """
    with transaction.atomic():
        bulk = BulkRerun.objects.locked(bulk_id)
        if bulk is None:
            raise BulkRerunNotFound(f"There is no bulk re-run {show(PREFIX_BULK, bulk_id)}.")
        if bulk.finished_at is None:
            bulk.finished_at = bulk.stopped_at = bulk.locked_at
            bulk.stopped_by = by.label
            bulk.save(update_fields=["finished_at", "stopped_at", "stopped_by"])
            target = Target(kind="bulk_rerun", id=bulk.shown_id, label=bulk.shown_id)
            audit.note(Deed.BULK_RERUN_STOPPED, by=by, on=target, facts={"reason": reason})
    return bulk
