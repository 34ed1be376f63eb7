"""Pages of what is listed by a name. Floor 5."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from rest_framework.request import Request
from rest_framework.response import Response

from actions.api import bodies, cursors, intake
from actions.jsontypes import JSONObject

MAX_LIMIT = 200
PAGING = frozenset({"cursor", "limit"})

Row = TypeVar("Row")


def page_by_name(
    request: Request,
    read: Callable[[str, int], Iterable[Row]],
    *,
    shown: Callable[[Row], JSONObject],
    named: Callable[[Row], str],
) -> Response:
    """One page; `read` gives up to so many rows whose names follow a name, in their order."""
    limit = intake.limit_of(request, default=MAX_LIMIT, most=MAX_LIMIT)
    cursor = request.query_params.get("cursor")
    rows = list(read(cursors.name_of(cursor) if cursor else "", limit + 1))
    following = cursors.after_name(named(rows[limit - 1])) if len(rows) > limit else None
    return Response(bodies.page(map(shown, rows[:limit]), next_cursor=following))
