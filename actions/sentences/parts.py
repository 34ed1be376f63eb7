"""A sentence and what it is made of.

Floor 1, pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Kind = Literal["text", "strong", "quote", "time"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A piece of a sentence; `text` is plain and complete, `at` is set for a time.

    `strong` is the subject, `quote` are the words of somebody else: an error, a person's reason.
    """

    kind: Kind
    text: str
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """One sentence; its text is that of its parts, one after the other."""

    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The sentence as plain text."""
        return "".join(part.text for part in self.parts)

    def __str__(self) -> str:
        return self.text


def sentence(pieces: Iterable[str | Part]) -> Sentence:
    """A sentence from its pieces; neighbouring plain texts become one part."""
    parts: list[Part] = []
    for piece in pieces:
        part = Part(kind="text", text=piece) if isinstance(piece, str) else piece
        if parts and parts[-1].kind == part.kind == "text":
            part = Part(kind="text", text=parts.pop().text + part.text)
        if part.text:
            parts.append(part)
    return Sentence(parts=tuple(parts))


def strong(text: str) -> Part:
    """The one whom the sentence is about."""
    return Part(kind="strong", text=text)


def quote(text: str) -> Part:
    """Somebody else's words."""
    return Part(kind="quote", text=text)


def moment(at: datetime, now: datetime) -> Part:
    """A moment, in UTC, with its date unless that is the day of `now`."""
    local, today = at.astimezone(UTC), now.astimezone(UTC)
    clock = f"{local:%H:%M:%S} UTC"
    text = clock if local.date() == today.date() else f"{local:%Y-%m-%d} {clock}"
    return Part(kind="time", text=text, at=at)
