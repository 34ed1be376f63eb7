"""Lists that are read a page at a time: what their address asks for, and the way on.

Floor 5, a door. The address is the whole state of a list: its filters, and the row from which on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from django.http import HttpRequest
from django.utils.http import urlencode

from actions.errors import MalformedRequest
from actions.filters import PARAM_PREFIX

PAGE_SIZE = 50
PLACE = "from"
MAX_DIGITS = 18

Row = TypeVar("Row")


def filled(sent: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The filters without the fields of a form that were left empty; no form has one for a param."""
    kept = {
        name: [text for text in texts if text.strip() or name.startswith(PARAM_PREFIX)]
        for name, texts in sent.items()
    }
    return {name: texts for name, texts in kept.items() if texts}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What an address asks for: the filters as they were sent, and the place to begin after."""

    path: str
    filters: dict[str, list[str]]
    place: str

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Take a query string apart."""
        sent = dict(request.GET.lists())
        place = sent.pop(PLACE, [""])[-1]
        return cls(path=request.path, filters=filled(sent), place=place)

    @property
    def number(self) -> int | None:
        """The place as a row's number; raises MalformedRequest for one that is none."""
        if not self.place:
            return None
        if not (self.place.isascii() and self.place.isdigit() and len(self.place) <= MAX_DIGITS):
            raise MalformedRequest(f"The list cannot begin from {self.place[:60]!r}.")
        return int(self.place)

    @property
    def is_filtered(self) -> bool:
        """Whether any filter is set."""
        return bool(self._pairs())

    def text(self, name: str) -> str:
        """A filter as it was sent, for its field."""
        return ",".join(each for each in self.filters.get(name, ()) if each)

    def url(self, place: object = "") -> str:
        """The address of the list with these filters, from the first row or after a place."""
        pairs = [*self._pairs(), *([(PLACE, str(place))] if place else [])]
        return self.path + (f"?{urlencode(pairs)}" if pairs else "")

    def _pairs(self) -> list[tuple[str, str]]:
        return [(name, each) for name, sent in self.filters.items() for each in sent if each]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, with the addresses of its beginning and of what follows, if any."""

    rows: tuple[Row, ...]
    first: str
    following: str

    @classmethod
    def of(cls, asked: Asked, found: Sequence[Row], place_of: Callable[[Row], object]) -> Self:
        """The page of up to PAGE_SIZE + 1 rows that were found after the place."""
        shown = tuple(found[:PAGE_SIZE])
        has_more = len(found) > PAGE_SIZE
        return cls(
            rows=shown,
            first=asked.url() if asked.place else "",
            following=asked.url(place_of(shown[-1])) if has_more else "",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """A field over a list: one to choose from if it has options, else one to write in."""

    name: str
    label: str
    text: str
    options: tuple[tuple[str, str], ...] = ()

    @classmethod
    def choosing(cls, asked: Asked, name: str, options: Sequence[tuple[str, str]]) -> Self:
        """A choice among values and their words; what was sent stays in sight if it is another."""
        text = asked.text(name)
        known = {value for value, _ in options}
        more = ((text, text),) if text and text not in known else ()
        label = name.replace("_", " ").capitalize()
        return cls(name=name, label=label, text=text, options=(("", "Any"), *options, *more))

    @classmethod
    def writing(cls, asked: Asked, name: str, label: str) -> Self:
        """A text that must be met exactly."""
        return cls(name=name, label=label, text=asked.text(name))
