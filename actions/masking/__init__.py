"""Keeping secrets out of everything that is shown, stored in the log or searched.

Floor 1, pure. `masked` hides fields that are marked or named as secret, `split` keeps what it
hides, `filled` puts it back, `scrub` removes known values from text in whatever form they come,
`search_terms` picks what may be searched.
"""

from actions.masking.names import is_secret_name
from actions.masking.texts import scrub, scrubbed
from actions.masking.values import (
    MASK,
    REFERENCE,
    Hidden,
    Split,
    filled,
    hidden_texts,
    is_reference,
    masked,
    search_terms,
    split,
)

__all__ = [
    "MASK",
    "REFERENCE",
    "Hidden",
    "Split",
    "filled",
    "hidden_texts",
    "is_reference",
    "is_secret_name",
    "masked",
    "scrub",
    "scrubbed",
    "search_terms",
    "split",
]
