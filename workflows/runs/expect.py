"""Note that somebody waits for the end of a run.

Floor 4.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Greatest

from workflows.models import Run


def expect(*, run_id: UUID, until: datetime) -> None:
    """Have the end of a run told to whoever listens, if it ends until then.

    As with executions: it waits for whoever is changing the run; look at the row after it.
    """
    Run.objects.filter(id=run_id).update(waited_until=Greatest(F("waited_until"), until))
