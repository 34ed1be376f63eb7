"""Keeping secrets out of everything that is shown, stored in the log or searched.

Floor 1, pure. `masked` hides fields that are marked or named as secret, `split` keeps what it
hides, `filled` puts it back, `restored` does for edited values, `marking` marks what was hidden before, `scrub` removes known values from text in whatever form they come,
`search_terms` picks what may be searched, and `param_term` names one of it; `misfits`,
`differences` and `told_*` say where something is, but nothing of what lies in a secret.
"""

from actions.masking.marks import marking, masks_in
from actions.masking.names import is_secret_name
from actions.masking.restoring import restored
from actions.masking.telling import differences, misfits, told_path, told_problem, told_refusal
from actions.masking.terms import MAX_TERM_LENGTH, param_term, search_terms
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
    split,
    texts_of,
)
from actions.schema.tree import is_marked

__all__ = [
    "MASK",
    "MAX_TERM_LENGTH",
    "REFERENCE",
    "Hidden",
    "Split",
    "differences",
    "filled",
    "hidden_texts",
    "is_marked",
    "is_reference",
    "is_secret_name",
    "marking",
    "masked",
    "masks_in",
    "misfits",
    "param_term",
    "restored",
    "scrub",
    "scrubbed",
    "search_terms",
    "split",
    "texts_of",
    "told_path",
    "told_problem",
    "told_refusal",
]
