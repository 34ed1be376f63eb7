"""What it costs to search in texts: `matches` with a pattern, `contains` with a part.

Floor 1, pure. The library's patterns never explode, but a text of n characters can take n steps for
each part of the pattern, `{50}` counting as fifty; and a pattern has to be compiled first.
"""

import re
from dataclasses import dataclass

# About half a second at worst.
MAX_STEPS = 50_000_000
_MAX_REPETITION = 1_000
# A part is compared so many times faster than a pattern's.
_COMPARED_AT_ONCE = 20
_CALL = re.compile(r"\b(matches|contains)\s*\((\s*\"\"\s*\))?")
_REPETITION = re.compile(r"\{\s*(\d+)?\s*,?\s*(\d+)?\s*\}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Searches:
    """How often an expression searches by a literal and by a value, and how large the literal is."""

    match_count: int
    open_match_count: int
    contain_count: int
    open_contain_count: int
    literal_size: int
    pattern_size: int

    @property
    def are_there(self) -> bool:
        """Whether there is any."""
        return bool(
            self.match_count
            or self.open_match_count
            or self.contain_count
            or self.open_contain_count
        )

    def steps(self, text_size: int) -> float:
        """The steps that all of them take at most, once, in texts of that size."""
        each = self.match_count * self.pattern_size
        each += self.open_match_count * text_size * _MAX_REPETITION
        each += self.contain_count * self.literal_size // _COMPARED_AT_ONCE
        each += self.open_contain_count * text_size // _COMPARED_AT_ONCE
        return float(text_size) * each


def searches_of(code: str, literals: list[str]) -> Searches:
    """Find the searches in code whose texts are blanked; `literals` are those texts."""
    found = [(call[1], call[2] is not None) for call in _CALL.finditer(code)]
    size = max(map(len, literals), default=0)
    times = [
        int(digits)
        for each in literals
        for pair in _REPETITION.findall(each)
        for digits in pair
        if digits
    ]
    return Searches(
        match_count=found.count(("matches", True)),
        open_match_count=found.count(("matches", False)),
        contain_count=found.count(("contains", True)),
        open_contain_count=found.count(("contains", False)),
        literal_size=size,
        pattern_size=size * min(max(times, default=1), _MAX_REPETITION),
    )
