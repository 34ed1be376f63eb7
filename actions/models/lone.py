"""Reading a row by columns that are unique.

Floor 2.
"""

from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def lone(rows: "QuerySet[Row]") -> Row | None:
    """The only row, or None.

    `first` would order what cannot be more than one, and to build that costs Django as much as
    the query itself.
    """
    return next(iter(rows[:1]), None)
