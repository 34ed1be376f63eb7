"""How many executions there are by state, action and error, as far as they were counted.

Floor 2.
"""

from collections import Counter
from dataclasses import dataclass

COLUMNS = ("status", "action_name", "error_code")
# So many beyond the newest rows; each costs a visit to the table.
CAP = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """Counts of groups, each named by its values of COLUMNS; if capped, there are more."""

    groups: tuple[tuple[tuple[str, ...], int], ...]
    is_capped: bool

    @property
    def count(self) -> int:
        """How many were counted."""
        return sum(count for _, count in self.groups)

    def by(self, column: str) -> list[tuple[str, int]]:
        """Counts by a column's value, the commonest first; none for an empty value."""
        place = COLUMNS.index(column)
        counts: Counter[str] = Counter()
        for group, count in self.groups:
            counts[group[place]] += count
        return [(value, count) for value, count in counts.most_common() if value]
