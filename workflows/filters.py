"""Which runs a list shows: the filters that the pages and the API share.

Floor 1, pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final
from uuid import UUID

from actions import ids
from actions.filters import Forms, read_all
from workflows.states import RunStatus

# Filters that mean "any of these"; only they may come more than once.
LISTS: Final = frozenset({"status", "workflow"})
_FORMS = Forms(lists=LISTS, words={"status": RunStatus}, prefix=ids.PREFIX_RUN)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunFilters:
    """What to show. Lists mean "any of these"; an empty one means "all".

    `since` (inclusive) and `until` (exclusive) bound the moment of acceptance.
    """

    status: tuple[RunStatus, ...] = ()
    workflow: tuple[str, ...] = ()
    rerun_of: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def parse(cls, query: Mapping[str, Sequence[str]]) -> "RunFilters":
        """Read the filters of a query string, in the forms that those of executions have."""
        return cls(**read_all(query, known=NAMES, forms=_FORMS))

    def as_query(self) -> dict[str, list[str]]:
        """What `parse` reads as these filters."""
        return {field.name: found for field in fields(self) if (found := self._sent(field.name))}

    def _sent(self, name: str) -> list[str]:
        match getattr(self, name):
            case UUID() as identity:
                return [ids.show(ids.PREFIX_RUN, identity)]
            case datetime() as moment:
                return [moment.isoformat()]
            case tuple() as several:
                return [str(one) for one in several]
            case other:
                return [str(other)] if other else []


NAMES: Final = frozenset(field.name for field in fields(RunFilters))
