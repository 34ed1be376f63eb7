"""Documents of workflows as YAML, always in one form.

Floor 1, pure. The rooms of `actions.declarative` read and write; here is the order: fields as in the
schema, steps as they come one after the other, names of anybody's own by the alphabet.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from actions import declarative
from actions.errors import DefinitionInvalid
from actions.jsontypes import JSONObject
from workflows.definition import read
from workflows.definition.building import JSON_SCHEMA
from workflows.definition.document import FRAME
from workflows.definition.kinds import KINDS
from workflows.graph import graph

# Of a schema, what one reads first.
_FIRST = ("type", "title", "description", "properties", "required")


def dump(documents: Iterable[JSONObject]) -> str:
    """Documents as a stream of YAML, one after the other."""
    return "---\n".join(declarative.written(ordered(document)) for document in documents)


def load(text: str) -> list[JSONObject]:
    """What `dump` has written, or a person; whether it makes sense is for others to judge.

    Raises DefinitionInvalid for what is no YAML of objects, or more than JSON has.
    """
    found = declarative.values(text)
    if not found or not all(isinstance(one, dict) for one in found):
        raise DefinitionInvalid(
            "The YAML must hold the fields of a workflow; several are separated by a line of ---."
        )
    return found


def ordered(document: JSONObject) -> JSONObject:
    """The same document with its members in the one order; it need not be valid."""
    found = dict(_by_schema(document, FRAME))
    steps = document.get("steps")
    if isinstance(steps, Mapping):
        found["steps"] = {name: _step(steps[name]) for name in _step_order(document)}
    return found


def _step_order(document: JSONObject) -> list[str]:
    """Steps one after the other; at the end, by name, those that have no place."""
    steps = read(document).definition.steps
    order = graph({name: steps[name].after for name in sorted(steps)}).order
    named: Any = document["steps"]
    return [*order, *sorted(named.keys() - set(order))]


def _step(given: Any) -> Any:
    kind = next((kind for kind in KINDS if isinstance(given, Mapping) and kind in given), None)
    return _by_schema(given, KINDS[kind] if kind else {})


def _by_schema(value: Any, shape: Mapping[str, Any]) -> Any:
    """A value of our own making by its schema; what others have made by the alphabet."""
    if isinstance(value, list):
        return [_by_schema(element, shape.get("items", {})) for element in value]
    if not isinstance(value, Mapping):
        return value
    if shape.get("format") == JSON_SCHEMA["format"]:
        return _of_schema(value)
    known = shape.get("properties", {})
    names = [*(name for name in known if name in value), *sorted(value.keys() - known.keys())]
    return {name: _by_schema(value[name], known.get(name, {})) for name in names}


def _of_schema(value: Any) -> Any:
    if isinstance(value, list):
        return [_of_schema(element) for element in value]
    if not isinstance(value, Mapping):
        return value
    first = [name for name in _FIRST if name in value]
    return {name: _of_schema(value[name]) for name in [*first, *sorted(value.keys() - set(first))]}
