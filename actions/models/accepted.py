"""When a row was accepted, asked through the index of its time-ordered id.

Floor 2. An id has the clock of whoever made it, `queued_at` that of the database, a little later.
The moment decides; the id only keeps the search short.
"""

from datetime import datetime, timedelta
from uuid import UUID

from actions import ids

# How far the two may be apart: what clocks differ by, and how long a transaction takes.
SLACK = timedelta(minutes=5)


def accepted_within(since: datetime | None, until: datetime | None) -> dict[str, datetime | UUID]:
    """The lookups of rows accepted at `since` or later and before `until`; None is no bound.

    Exact for rows whose two clocks were not more than SLACK apart.
    """
    bounds: dict[str, datetime | UUID] = {}
    if since is not None:
        bounds |= {"queued_at__gte": since, "id__gte": ids.first_at(since - SLACK)}
    if until is not None:
        bounds |= {"queued_at__lt": until, "id__lt": ids.first_at(until + SLACK)}
    return bounds


def all_before(moment: datetime) -> UUID:
    """The id below which every row was accepted before that moment."""
    return ids.first_at(moment - SLACK)
