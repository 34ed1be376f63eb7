"""Reading a stream of YAML: only what JSON has.

Floor 1, pure. The library's parser in C tells what comes, one event after the other, and here it is
put together: without recursion, and without the library's own ideas of what a value may be.
"""

import re
from typing import Any, NoReturn

import yaml

from actions import canonical
from actions.errors import DefinitionInvalid

_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")
_NULL = frozenset({"", "~", "null"})
_BOOLEANS = {"true": True, "false": False}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)", re.ASCII)
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?", re.ASCII)
_MAX_DETAIL = 300


def read(text: str) -> list[Any]:
    """The values of the documents in a text; raises DefinitionInvalid.

    Refused are aliases, tags, a name twice in one object, names that are no text, and what JSON
    cannot hold.
    """
    stream = _Stream()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            stream.take(event)
    except (yaml.YAMLError, ValueError) as wrong:
        raise DefinitionInvalid(f"The YAML cannot be read: {_told(wrong)}") from None
    for problem in map(canonical.first_problem, stream.values):
        if problem is not None:
            raise DefinitionInvalid(f"The YAML is refused. {canonical.told(problem)}")
    return stream.values


class _Stream:
    """Puts values together; `values` are those of whole documents."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        # What is open, and for each the name whose value comes next.
        self._open: list[Any] = []
        self._names: list[str | None] = []

    def take(self, event: Any) -> None:
        """Take the next event; raises YAMLError."""
        if isinstance(event, yaml.ScalarEvent):
            self._put(_scalar(event), event)
        elif isinstance(event, yaml.AliasEvent):
            _refuse("An alias (*name) is not accepted; write out what it stands for", event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._names.pop()

    def _begin(self, event: Any) -> None:
        if not event.implicit:
            _refuse(f"A tag ({event.tag!r:.60}) is not accepted; drop it", event)
        if len(self._open) >= canonical.MAX_DEPTH:
            _refuse("It is nested too deeply; flatten it", event)
        inner: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._put(inner, event)
        self._open.append(inner)
        self._names.append(None)

    def _put(self, value: Any, event: Any) -> None:
        if not self._open:
            self.values.append(value)
            return
        around, name = self._open[-1], self._names[-1]
        if isinstance(around, list):
            around.append(value)
        elif name is not None:
            around[name] = value
            self._names[-1] = None
        elif isinstance(value, str) and value not in around:
            self._names[-1] = value
        else:
            shown = getattr(event, "value", "")
            _refuse(f"The name {shown!r:.60} is no text or stands twice", event)


def _scalar(event: Any) -> Any:
    """Plain words as JSON has them; what is quoted is text."""
    text: str = event.value
    if event.tag not in _TEXT_TAGS:
        _refuse(f"A tag ({event.tag!r:.60}) is not accepted; write the value alone", event)
    if event.tag is not None or not event.implicit[0]:
        return text
    if text in _NULL:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _refuse(detail: str, event: Any) -> NoReturn:
    raise yaml.YAMLError(f"{detail} (line {event.start_mark.line + 1}).")


def _told(wrong: BaseException) -> str:
    mark = getattr(wrong, "problem_mark", None)
    if mark is None:
        return str(wrong)[:_MAX_DETAIL]
    problem = str(getattr(wrong, "problem", wrong))[:_MAX_DETAIL]
    return f"{problem} (line {mark.line + 1}, column {mark.column + 1})."
