"""What is asked of a bulk re-run.

Floor 4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from actions.jsontypes import JSONObject
from workflows.filters import RunFilters

WhatOfMany = Literal["from_failed", "whole"]
VersionOfMany = Literal["original", "latest"]
MAX_SPACING_SECONDS = 3_600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkWish:
    """Which runs again, from where, in which version, and why.

    `filters` are those of the list of runs, as a query has them. `expected_count` is how many runs
    the caller has seen. Between two beginnings there are `spacing_seconds`; 0 for none.
    """

    filters: Mapping[str, Sequence[str]]
    what: WhatOfMany
    expected_count: int
    reason: str
    version: VersionOfMany = "original"
    spacing_seconds: float = 1.0

    def as_json(self) -> JSONObject:
        """What tells this request from another."""
        return {
            "filters": {name: list(sent) for name, sent in sorted(self.filters.items())},
            "what": self.what,
            "expected_count": self.expected_count,
            "reason": self.reason,
            "version": self.version,
            "spacing_seconds": float(self.spacing_seconds),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """What some filters find: the runs, the oldest first, and the filters with their last moment.

    There may be one more than a bulk re-run takes, and no further.
    """

    filters: RunFilters
    runs: tuple[tuple[UUID, str], ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.runs)

    @property
    def workflow_names(self) -> list[str]:
        """Of which workflows they are."""
        return sorted({name for _, name in self.runs})
