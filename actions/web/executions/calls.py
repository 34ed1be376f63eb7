"""Who asked with an execution's idempotency key, and what each of them was answered.

Floor 5, a door; events to words.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from actions.models import Execution, ExecutionEvent
from actions.models.holder import KEY_NUMBER, KeyEvent
from actions.states import EventType

SHOWN_CALLS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request that carried the key."""

    at: datetime
    caller: str
    answer: str
    state: str
    fields: tuple[str, ...] = ()
    reason: str = ""
    request_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Calls:
    """Every request that carried the key, the newest last; only the last few are shown."""

    shown: tuple[Call, ...]
    counts: Counter[str]

    @property
    def total(self) -> int:
        """How many requests there were, refused ones too."""
        return self.counts.total()

    @property
    def hidden_count(self) -> int:
        """How many are not shown."""
        return self.total - len(self.shown)

    @property
    def sentence(self) -> str:
        """`1 executed, 3 replayed`, in the order of the story."""
        words = [f"{self.counts[word]} {word}" for word in ANSWERS.values() if self.counts[word]]
        return ", ".join(words)


ANSWERS: dict[str, str] = {
    EventType.ACCEPTED: "executed",
    EventType.ATTACHED: "attached",
    EventType.REPLAYED: "replayed",
    EventType.MISMATCH_REFUSED: "refused",
}
_STATES: dict[str, str] = {
    EventType.ATTACHED: "reused",
    EventType.REPLAYED: "reused",
    EventType.MISMATCH_REFUSED: "warning",
    EventType.KEY_RELEASED: "cancelled",
}
_WORDS: dict[str, str] = {
    **ANSWERS,
    EventType.MISMATCH_REFUSED: "refused, 422",
    EventType.KEY_RELEASED: "released",
}


def calls_of(execution: Execution, events: Sequence[ExecutionEvent]) -> Calls:
    """The requests for it among an execution's events; those of commands to it are none."""
    asked = [one for one in events if one.type in ANSWERS and KEY_NUMBER not in one.data]
    calls = [call_of(execution.status, event) for event in asked]
    return Calls(
        shown=tuple(calls[-SHOWN_CALLS:]),
        counts=Counter(ANSWERS[event.type] for event in asked),
    )


def call_of(status: str, event: ExecutionEvent | KeyEvent) -> Call:
    """What an event says of the key of something that stands so now."""
    return Call(
        at=event.at,
        caller=event.actor_label or event.actor_kind,
        answer=_WORDS[event.type],
        state=_STATES.get(event.type, status),
        fields=tuple(event.data.get("fields", ())),
        reason=str(event.data.get("reason", "")),
        request_id=event.request_id,
    )
