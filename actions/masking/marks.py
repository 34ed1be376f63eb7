"""Marks that a schema does not have (any more): what was sealed once stays sealed.

Floor 1, pure. Whoever uses old params again puts the marks of their time beside those of today.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from actions.masking.values import MASK, Hidden
from actions.schema.tree import Schema

# Stands for every position: in another list the secret may have another one.
_ANY = 0
_Path = tuple[str | int, ...]


def marking(schema: Mapping[str, Any] | None, parts: Iterable[Hidden]) -> Schema:
    """The schema, but that it also marks the places of these parts as secret.

    It says what is to be hidden, not what is valid. A place in a list stands for the same in each
    of its elements.
    """
    paths = {tuple(_ANY if isinstance(step, int) else step for step in one.path) for one in parts}
    return _marked(dict(schema or {}), paths) if paths else dict(schema or {})


def _marked(schema: Schema, paths: set[_Path]) -> Schema:
    if () in paths:
        return schema | {"x-secret": True}
    below: dict[str | int, set[_Path]] = {}
    for first, *rest in paths:
        below.setdefault(first, set()).add(tuple(rest))
    known = schema.get("properties", {})
    own = {
        name: _marked(known[name], rest)
        for name, rest in below.items()
        if isinstance(name, str) and isinstance(known.get(name), dict)
    }
    # Beside the schema, not in it: there it could take a place that another keyword speaks of.
    beside: Schema = {
        "properties": {
            name: _marked({}, rest)
            for name, rest in below.items()
            if isinstance(name, str) and name not in own
        }
    }
    if _ANY in below:
        beside["items"] = _marked({}, below[_ANY])
    return schema | {"properties": known | own, "allOf": [*schema.get("allOf", ()), beside]}


def masks_in(shown: Any) -> list[Hidden]:
    """Where a JSON value has a mask, perhaps within a longer text, and that text."""
    found: list[Hidden] = []
    pending: list[tuple[_Path, Any]] = [((), shown)]
    while pending:
        path, current = pending.pop()
        if isinstance(current, dict):
            pending += [((*path, name), member) for name, member in current.items()]
        elif isinstance(current, list):
            pending += [((*path, index), element) for index, element in enumerate(current)]
        elif isinstance(current, str) and MASK in current:
            found.append(Hidden(path, current))
    return found
