"""Who asks for something: an API key, a person, or the system itself.

Floor 1, pure. The label is written into the record as it was at that moment.
"""

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["api_key", "user", "run", "system"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """The one who acts, with the request that carried the wish (empty outside HTTP)."""

    kind: ActorKind
    id: str
    label: str
    request_id: str = ""
    trace_id: str = ""


SYSTEM = Actor(kind="system", id="", label="system")
