"""JSON as the contract means it: what is taken in, and when two requests are the same.

Floor 1, pure. `parse` reads a body strictly and within bounds, `canonical` writes the one form that
equal values share, `fingerprint` names a request by it, `differing_fields` says where two part.
"""

from actions.canonical.form import as_stored, canonical, differing_fields, fingerprint
from actions.canonical.intake import parse
from actions.canonical.plain import (
    MAX_DEPTH,
    MAX_INTEGER,
    NotJson,
    first_problem,
    pointer_to,
    told,
    value_at,
)

__all__ = [
    "MAX_DEPTH",
    "MAX_INTEGER",
    "NotJson",
    "as_stored",
    "canonical",
    "differing_fields",
    "fingerprint",
    "first_problem",
    "parse",
    "pointer_to",
    "told",
    "value_at",
]
