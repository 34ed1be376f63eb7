"""Note that somebody waits for an outcome.

Floor 4.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Greatest

from actions.models import Execution


def expect(*, execution_id: UUID, until: datetime) -> None:
    """Have the end of an execution told to whoever listens, if it ends until then.

    Settling notifies only while somebody waits. One statement, which waits for a settlement that
    is being written; look at the row after it.
    """
    Execution.objects.filter(id=execution_id).update(
        waited_until=Greatest(F("waited_until"), until)
    )
