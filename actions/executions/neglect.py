"""Tell a cluster that hangs from one that has nothing to do.

Floor 4. An idle worker looks for work at every poll. Work that has long been due while a worker
that could take it has long said that it is idle has therefore been overlooked.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from actions.models import Execution, Worker

_PATIENCE_SECONDS = 25.0


def neglected() -> Execution | None:
    """An execution that idle workers have overlooked, or None; reads a few rows."""
    patience = timedelta(seconds=_PATIENCE_SECONDS + settings.ACTIONSITE_POLL_SECONDS)
    for is_concurrent in (False, True):
        for worker in Worker.objects.idle_for(patience, is_concurrent=is_concurrent):
            due = Execution.objects.ready_before(Now() - patience, is_concurrent=is_concurrent)
            overlooked = (
                due.takeable_by(worker, is_concurrent=is_concurrent).order_by("run_at").first()
            )
            if overlooked is not None:
                return overlooked
    return None
