"""How a list avoids a walk through its whole table: the rows near its place, then the indexes.

Floor 2. What is common is found nearby, what is rare by its index (docs/search.md).
"""

from uuid import UUID

from django.db.models import Value
from django.db.models.functions import Greatest

# How many rows a list looks through before it asks the indexes of its filters.
NEARBY = 10_000
_LEAST = {UUID: UUID(int=0), int: 0}


def unindexed(kind: type[UUID] | type[int]) -> Greatest:
    """The order of ids of that type in a form that no index has, so that no plan walks along it."""
    return Greatest("id", Value(_LEAST[kind]))
