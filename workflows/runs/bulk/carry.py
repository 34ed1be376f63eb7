"""Go on with a bulk re-run: begin the next runs, or write down why not.

Floor 4. It is the body of an internal action, inside the transaction that settles it: the new runs, what
is written down of them and the request to go on commit together.
"""

import logging
from datetime import timedelta
from typing import cast
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.db.models.functions import Now

from actions.actors import Actor, ActorKind
from actions.errors import Refusal
from workflows.models import BulkRerun, BulkRerunEntry, Run
from workflows.runs import gates, reading
from workflows.runs.bulk.asking import ask
from workflows.runs.reruns import RerunWish, preview, rerun
from workflows.states import RunStatus

logger = logging.getLogger(__name__)

# How many runs are begun in one transaction where nobody has asked for time between them.
AT_ONCE = 10
_MAX_WHY = 500


def carry_on(bulk_id: UUID) -> None:
    """Begin the next runs, and ask to go on if some are left; nothing if it has been stopped."""
    with transaction.atomic():
        bulk = BulkRerun.objects.locked(bulk_id)
        if bulk is None or bulk.finished_at is not None:
            return
        most = 1 if bulk.spacing_seconds else AT_ONCE
        entries = BulkRerunEntry.objects.of(bulk.id).left_over(limit=most + 1)
        for entry in entries[:most]:
            _take(bulk, entry)
        if len(entries) <= most:
            # After its last entry, not when this began.
            bulk.finished_at = Now()
        elif bulk.spacing_seconds and bulk.locked_at:
            ask(bulk, at=bulk.locked_at + timedelta(seconds=bulk.spacing_seconds))
        else:
            ask(bulk)
        bulk.save(update_fields=["finished_at", "execution_id"])


def _take(bulk: BulkRerun, entry: BulkRerunEntry) -> None:
    new, why = None, ""
    try:
        with transaction.atomic():
            new, why = _run_again(bulk, entry.run_id)
    except Refusal as refusal:
        why = refusal.detail
    except (OperationalError, InterfaceError):
        # The database's trouble, not that of the run: the attempt fails, and is repeated.
        raise
    except Exception:
        logger.exception("%s could not be run again by %s.", entry.shown_run_id, bulk.shown_id)
        why = "It cannot be run again, for a reason that only the log of the workers has."
    BulkRerunEntry.objects.filter(bulk=bulk, position=entry.position).update(
        taken_at=Now(), new_run_id=new.id if new else None, why=why[:_MAX_WHY]
    )


def _run_again(bulk: BulkRerun, run_id: UUID) -> tuple[Run | None, str]:
    """The new run, or why there is none."""
    # Whoever else runs it again waits, and sees what we did.
    reading.lock([run_id])
    old = Run.objects.by_id(run_id)
    if old is None:
        return None, "It is not kept any more."
    if bulk.what == "from_failed" and old.status == RunStatus.SUCCEEDED:
        return None, "It has succeeded; nothing of it is left to run."
    earlier = Run.objects.standing_reruns_of(run_id).first()
    if earlier is not None:
        return None, f"It has been run again already, as {earlier.shown_id}."
    wish = RerunWish(
        run=old,
        what="whole" if bulk.what == "whole" else "from_failed",
        version=gates.active_version(old.workflow_name) if bulk.version == "latest" else None,
        reason=bulk.reason,
    )
    digest = preview(wish).digest
    return rerun(wish, digest=digest, by=_actor(bulk), key=f"bulk:{bulk.shown_id}"), ""


def _actor(bulk: BulkRerun) -> Actor:
    """Who asked for it: the new runs are theirs."""
    return Actor(
        kind=cast(ActorKind, bulk.actor_kind),
        id=bulk.actor_id,
        label=bulk.actor_label,
        request_id=bulk.request_id,
        trace_id=bulk.trace_id,
    )
