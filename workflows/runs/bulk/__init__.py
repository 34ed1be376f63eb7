"""Run many ended runs again: those that a filter finds at one moment, counted and confirmed.

Floor 4. The list is frozen when it is asked for. The engine's own action goes through it, some runs
at a time, each in the transaction that writes down what became of it: whatever dies, none is run twice.
"""

from workflows.runs.bulk.carry import carry_on
from workflows.runs.bulk.start import Started, chosen_by, start
from workflows.runs.bulk.stop import stop
from workflows.runs.bulk.wish import MAX_SPACING_SECONDS, BulkWish, Chosen

__all__ = [
    "MAX_SPACING_SECONDS",
    "BulkWish",
    "Chosen",
    "Started",
    "carry_on",
    "chosen_by",
    "start",
    "stop",
]
