"""What the schemas tell of a value: where a path leads, of which types it may be, what is secret.

Floor 1, pure. Only what holds for certain counts: alternatives tell nothing. Schemas are such as
`actions.schema.check` accepts, so that no reference leads in a circle.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from actions import masking
from actions.schema import tree, words
from actions.schema.tree import Schema

ALL_TYPES = frozenset({"string", "integer", "number", "boolean", "array", "object", "null"})
_OF_PYTHON: dict[type, frozenset[str]] = {
    str: frozenset({"string"}),
    bool: frozenset({"boolean"}),
    int: frozenset({"integer", "number"}),
    float: frozenset({"integer", "number"}),
    list: frozenset({"array"}),
    dict: frozenset({"object"}),
    type(None): frozenset({"null"}),
}


@dataclass(frozen=True)
class Shape:
    """A value by the schemas that all hold for it; parts of `root`, which their references need."""

    root: Schema = field(default_factory=dict)
    parts: tuple[Schema, ...] = ()
    is_secret: bool = False

    @cached_property
    def types(self) -> frozenset[str]:
        """The types that it may have; all if nothing is known."""
        found = ALL_TYPES
        for part in self.parts:
            found &= _types(self.root, part)
        return found

    @property
    def required(self) -> frozenset[str]:
        """The members that it has for certain."""
        return frozenset(name for part in self.parts for name in part.get("required", ()))

    def member(self, name: str) -> "Shape | None":
        """The member of that name; None if there is none for certain."""
        if any(_forbids(part, name) for part in self.parts):
            return None
        inner = _shape(self.root, tree.of_member(self.parts, name))
        is_secret = self.is_secret or inner.is_secret or masking.is_secret_name(name)
        return Shape(inner.root, inner.parts, is_secret)

    def element(self) -> "Shape":
        """Any element of a list."""
        whole = [part["items"] for part in self.parts if "items" in part]
        inner = _shape(
            self.root, [] if any("prefixItems" in part for part in self.parts) else whole
        )
        return Shape(inner.root, inner.parts, self.is_secret or inner.is_secret)

    @property
    def has_default(self) -> bool:
        """Whether something stands in for it where it is absent."""
        return any("default" in part for part in self.parts)

    @property
    def constants(self) -> tuple[Any, ...]:
        """The value that it has for certain, if that is known."""
        return tuple(part["const"] for part in self.parts if "const" in part)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of members that its schemas know."""
        return tuple(
            dict.fromkeys(name for part in self.parts for name in part.get("properties", {}))
        )

    @cached_property
    def holds_secret(self) -> bool:
        """Whether it or anything in it is secret."""
        if self.is_secret:
            return True
        seen: set[int] = set()
        pending: list[object] = list(self.parts)
        while pending:
            for _, part in tree.parts(pending.pop()):
                if id(part) in seen:
                    continue
                seen.add(id(part))
                if masking.is_marked(part) or any(
                    map(masking.is_secret_name, part.get("properties", ()))
                ):
                    return True
                if "$ref" in part:
                    pending.append(tree.target(self.root, part["$ref"]))
        return False


ANYTHING = Shape()


def shape_of(schema: Schema) -> Shape:
    """The value that a schema describes."""
    return _shape(schema, [schema])


def types_of_value(value: Any) -> frozenset[str]:
    """The types that a JSON value has; a whole number has two."""
    if isinstance(value, float) and not value.is_integer():
        return frozenset({"number"})
    return _OF_PYTHON.get(type(value), ALL_TYPES)


def in_words(types: frozenset[str]) -> str:
    """Types for a sentence."""
    shown = types - {"integer"} if "number" in types else types
    return " or ".join(words.TYPES[name] for name in sorted(shown))


def _shape(root: Schema, schemas: list[object]) -> Shape:
    parts = tuple(tree.certain(root, schemas))
    marked = any(map(masking.is_marked, tree.applicable(root, schemas)))
    return Shape(root, parts, marked)


def _forbids(part: Schema, name: str) -> bool:
    is_open = part.get("additionalProperties") is not False
    return not is_open and not words.is_named(part, name)


def _types(root: Schema, part: Schema) -> frozenset[str]:
    """What one schema leaves open; references and alternatives of it are looked through."""
    found = ALL_TYPES
    if "type" in part:
        given = part["type"]
        named = {given} if isinstance(given, str) else set(given)
        found &= named | ({"integer"} if "number" in named else set())
    if "const" in part:
        found &= types_of_value(part["const"])
    if "enum" in part:
        found &= frozenset[str]().union(*map(types_of_value, part["enum"]))
    for name in ("anyOf", "oneOf"):
        if name in part:
            choices = [_types_of_any(root, choice) for choice in part[name]]
            found &= frozenset[str]().union(*choices)
    return found


def _types_of_any(root: Schema, schema: object) -> frozenset[str]:
    if not isinstance(schema, dict):
        return frozenset() if schema is False else ALL_TYPES
    found = ALL_TYPES
    for part in tree.certain(root, [schema]):
        found &= _types(root, part)
    return found
