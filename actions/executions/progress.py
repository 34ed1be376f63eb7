"""Store what running bodies have written so far, so that one can look on.

Floor 4, called by the heartbeat's thread on its own connection: the body's transaction is not
touched, and a line that was written survives the worker.
"""

from collections.abc import Iterable

from django.db import DatabaseError, transaction

from actions import executor
from actions.executions.bench import Live
from actions.executions.claim import Claimant
from actions.executions.settle import keep_log
from actions.models import Attempt, Execution


def flush(running: Iterable[Live], *, claimant: Claimant) -> None:
    """Store the new lines and the last progress of these bodies, if they are still ours.

    What cannot be stored now stays with the body.
    """
    written = [live for live in running if live.body.context.has_news]
    if not written:
        return
    with transaction.atomic():
        held = Execution.objects.fenced(
            claimant.worker_id, {live.claim.id: live.claim.attempt for live in written}
        )
        for live in written:
            if live.claim.id in held:
                _store(live)


def _store(live: Live) -> None:
    context, secrets = live.body.context, live.body.unspeakable
    entries = context.log.take()
    try:
        with transaction.atomic():
            lines = executor.storable(entries, secrets=secrets)
            keep_log([(live.claim, lines)])
            Attempt.objects.filter(execution_id=live.claim.id, number=live.claim.attempt).update(
                progress=executor.storable_value(context.progress, secrets=secrets)
            )
    except DatabaseError:
        context.log.put_back(entries)
        raise
    context.is_progress_new = False
