"""The schemas of actions as components that client generators understand. Floor 5.

A generator makes a class of every object and every list of values, and reads less than JSON Schema
can say. So each of those is a component, under a name that no class has, with references from one
component to another. What generators stumble over stands in `then`, under an `if` that always holds:
there it means the same, and they pass over it.
"""

import re
from collections.abc import Iterable
from typing import Any

from actions.api.shapes.building import Shape, ref
from actions.schema import tree

# What says nothing outside its schema, or would name a class.
_LEFT_OUT = frozenset({"$defs", "definitions", "$id", "$schema", "$comment", "title"})
# Where generators look for schemas; elsewhere only the references are changed.
_LOOKED_INTO = frozenset(
    {"properties", "items", "prefixItems", "additionalProperties", "anyOf", "oneOf"}
)
# Words of OpenAPI that are none of JSON Schema, and what generators join in a way of their own.
_PASSED_OVER = frozenset(
    {"allOf", "not", "nullable", "discriminator", "xml", "externalDocs", "example"}
)
_CONDITIONS = frozenset({"if", "then", "else"})
_TYPES: dict[Any, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def folded(name: str) -> str:
    """What is left of a name where it names a class or a variable."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


class Names:
    """Gives out names that differ also once they are folded."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {folded(name) for name in taken}

    def free(self, wanted: str) -> str:
        """The name, with a number behind it if it is taken."""
        name, number = re.sub(r"[^a-zA-Z0-9._-]", "_", wanted), 1
        base = name
        while folded(name) in self._taken:
            number += 1
            name = f"{base}.{number}"
        self._taken.add(folded(name))
        return name


class Described:
    """One schema, made into components of the document under one name and names that begin with it."""

    def __init__(self, root: Any, *, name: str, names: Names) -> None:
        self.made: dict[str, Shape] = {}
        self._root, self._name, self._names = root, name, names
        self._known: dict[str, str] = {}
        # What is being described at the moment and has to be known before what it is part of.
        self._open: set[str] = set()
        self.reference = self._follow("#")

    def _follow(self, pointer: str) -> Shape:
        """A reference to the component that stands for that part of the schema."""
        part = tree.target(self._root, pointer)
        if pointer in self._known:
            shown = ref(self._known[pointer])
            # Generators can go round through the members of objects, and in no other way.
            is_round = pointer in self._open and not _is_record(part)
            return _passed_over(shown) if is_round else shown
        last = pointer.rpartition("/")[2]
        own = self._names.free(f"{self._name}.{last}" if last != "#" else self._name)
        self._known[pointer] = own
        self._open.add(pointer)
        self._make(part, own)
        self._open.discard(pointer)
        return ref(own)

    def _make(self, part: Any, name: str) -> None:
        before = self._open
        if _is_record(part):
            self._open = set()
        self.made[name] = {}  # keeps its place before what it is made of
        self.made[name] = self._described(part, name)
        self._open = before

    def _placed(self, part: Any, name: str) -> Shape:
        """A part that stands where generators look: what they make a class of is a component."""
        if not _makes_class(part):
            return self._described(part, name)
        own = self._names.free(name)
        self._make(part, own)
        return ref(own)

    def _described(self, schema: Any, name: str) -> Shape:
        """The same schema in words that generators understand."""
        if not isinstance(schema, dict):
            return {} if schema else {"not": {}}

        def change(path: tree.Path, inner: Any) -> Any:
            is_seen = path[0] in _LOOKED_INTO and not (
                path[0] == "additionalProperties" and inner is False
            )
            return self._placed(inner, f"{name}.{path[-1]}") if is_seen else self._moved(inner)

        troubles = _troubles(schema)
        if troubles is None or (troubles and _CONDITIONS & schema.keys()):
            told = {key: schema[key] for key in ("type", "description") if key in schema}
            told = {} if told.get("type") == "array" else told
            return told | _passed_over(self._moved(schema))
        kept = {key: value for key, value in schema.items() if key not in troubles}
        told = self._refer(tree.changed(_plain(kept), change))
        if _is_list(schema) and not (schema.get("prefixItems") or "items" in schema):
            told["items"] = {}
        if troubles:
            told |= _passed_over(self._moved({key: schema[key] for key in troubles}))
        return told

    def _moved(self, schema: Any) -> Any:
        """The same schema, word by word, with its references leading to components."""
        if not isinstance(schema, dict):
            return schema
        return self._refer(tree.changed(_plain(schema), lambda _, inner: self._moved(inner)))

    def _refer(self, schema: Shape) -> Shape:
        if "$ref" not in schema:
            return schema
        shown = self._follow(schema.pop("$ref"))
        if shown.keys() & schema.keys():
            return _passed_over(schema | shown["then"])
        return shown | schema


def _plain(schema: Shape) -> Shape:
    """Without what says nothing outside; a title says it as the description if there is no other."""
    kept = {key: value for key, value in schema.items() if key not in _LEFT_OUT}
    return kept if "title" not in schema else {"description": schema["title"]} | kept


def _passed_over(shape: Shape) -> Shape:
    return {"if": {}, "then": shape}


def _types(schema: Shape) -> list[Any]:
    found = schema.get("type", [])
    return found if isinstance(found, list) else [found]


def _is_list(schema: Shape) -> bool:
    return "array" in _types(schema)


def _makes_class(part: Any) -> bool:
    if not isinstance(part, dict) or "$ref" in part:
        return False
    return "object" in _types(part) or "properties" in part or "enum" in part


def _is_record(part: Any) -> bool:
    """Whether generators make a class of it whose members they look at when all else is known."""
    return (
        _makes_class(part)
        and not part.keys() & {"anyOf", "oneOf", "enum"}
        and (part.get("type", "object") == "object")
    )


def _troubles(schema: Shape) -> frozenset[str] | None:
    """The words that generators stumble over; None if they cannot be taken out of the rest."""
    members = [folded(name) for name in schema.get("properties", ())]
    is_unclear = len(set(members)) < len(members) or "" in members
    if is_unclear or (_is_list(schema) and "items" not in schema and "unevaluatedItems" in schema):
        return None
    found = _PASSED_OVER & schema.keys()
    if "enum" in schema and not _can_be_listed(schema["enum"]):
        found |= {"enum"}
    if "const" in schema and not isinstance(schema["const"], str | int | float):
        found |= {"const"}
    if "default" in schema and not _can_be_preset(schema):
        found |= {"default"}
    return found


def _can_be_listed(values: list[Any]) -> bool:
    """Whether each of these values can be a member of one enumeration, under a name of its own."""
    named = [value for value in values if value is not None]
    if not named or len({type(value) for value in named}) > 1:
        return False
    if isinstance(named[0], str):
        words = [folded(value) for value in named if value[:1].isalpha()]
        return len(set(words)) == len(words) and "" not in words
    return isinstance(named[0], int) and not isinstance(named[0], bool)


def _can_be_preset(schema: Shape) -> bool:
    if schema.keys() & {"anyOf", "oneOf", "allOf", "$ref", "format", "enum", "const"}:
        return False
    value, kind = schema["default"], schema.get("type")
    expected = _TYPES.get(kind) if isinstance(kind, str) else None
    return (
        expected is not None
        and isinstance(value, expected)
        and (kind == "boolean" or not isinstance(value, bool))
    )
