"""What an action says, as it may be stored: masked, bounded, and nothing that PostgreSQL refuses.

Floor 3.
"""

import json
from collections.abc import Sequence

from actions import canonical, masking
from actions.jsontypes import JSON

MAX_VALUE = 8_192


def text_of(text: str, *, secrets: Sequence[str], limit: int) -> str:
    """The text as it may be stored: masked, without what PostgreSQL refuses, cut in the middle."""
    clean = text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    masked: str = masking.scrub(clean, secrets)
    if len(masked) <= limit:
        return masked
    half = limit // 2 - 20
    return f"{masked[:half]}\n… cut …\n{masked[-half:]}"


def storable_value(value: object, *, secrets: Sequence[str]) -> JSON:
    """A value that an action reported, masked and bounded; what cannot be stored is said."""
    try:
        plain = json.loads(json.dumps(value, default=_shown, skipkeys=True))
    except (ValueError, RecursionError) as wrong:
        return {"dropped": f"it is not JSON: {wrong}"}
    hidden: JSON = masking.scrubbed(masking.masked(plain), secrets)
    problem = canonical.first_problem(hidden)
    if problem is not None:
        return {"dropped": f"it cannot be stored: {problem.detail}"}
    if len(json.dumps(hidden)) > MAX_VALUE:
        return {"dropped": f"it is larger than {MAX_VALUE:,} bytes"}
    return hidden


def _shown(value: object) -> str:
    return f"({type(value).__name__})"
