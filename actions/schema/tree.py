"""Finding one's way in a schema: its parts, its references, and which parts speak of a value.

Floor 1, pure. References are JSON pointers into the same schema; `checking` refuses all others.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias
from urllib.parse import unquote

from actions.schema import patterns

Schema: TypeAlias = dict[str, Any]
Path: TypeAlias = tuple[str | int, ...]

_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_LISTED = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE = (
    *("items", "contains", "unevaluatedItems"),
    *("additionalProperties", "propertyNames", "unevaluatedProperties"),
    *("not", "if", "then", "else", "contentSchema"),
)


def parts(root: object) -> Iterator[tuple[Path, Schema]]:
    """The schema itself and every schema in it, with its path; `true` and `false` are left out."""
    pending: list[tuple[Path, object]] = [((), root)]
    while pending:
        path, schema = pending.pop()
        if isinstance(schema, dict):
            yield path, schema
            pending += [((*path, *steps), inner) for steps, inner in _children(schema)]


def is_marked(schema: Schema) -> bool:
    """Whether a schema says that its value is secret."""
    return (
        schema.get("writeOnly") is True
        or schema.get("x-secret") is True
        or schema.get("format") == "password"
    )


def changed(schema: Schema, change: Callable[[Path, object], object]) -> Schema:
    """A copy with `change(path, inner)` instead of every schema that is directly in this one."""
    copy = dict(schema)
    for key in _SINGLE:
        if key in schema:
            copy[key] = change((key,), schema[key])
    for key in _LISTED:
        if key in schema:
            copy[key] = [change((key, at), inner) for at, inner in enumerate(schema[key])]
    for key in _NAMED:
        if key in schema:
            copy[key] = {name: change((key, name), inner) for name, inner in schema[key].items()}
    return copy


def target(root: Schema, reference: str) -> object:
    """What a reference such as `#/$defs/address` points to; raises LookupError."""
    if reference != "#" and not reference.startswith("#/"):
        raise LookupError(reference)
    current: Any = root
    for token in unquote(reference[1:]).split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        current = current[int(name)] if isinstance(current, list) else current[name]
    return current


def applicable(root: Schema, schemas: Iterable[object]) -> list[Schema]:
    """These schemas and whatever applies at the same place: references and alternatives.

    Alternatives are all taken, whether or not the value fits them; `not` is left out.
    """
    found: dict[int, Schema] = {}
    pending = list(schemas)
    while pending:
        schema = pending.pop()
        if isinstance(schema, dict) and id(schema) not in found:
            found[id(schema)] = schema
            pending += in_place(root, schema)
    return list(found.values())


def certain(root: Schema, schemas: list[object]) -> list[Schema]:
    """The schemas that hold for the value for certain: no choice lies before them."""
    found: dict[int, Schema] = {}
    pending = list(reversed(schemas))
    while pending:
        schema = pending.pop()
        if isinstance(schema, dict) and id(schema) not in found:
            found[id(schema)] = schema
            pending += schema.get("allOf", ())
            pending += _only_choice(schema)
            if "$ref" in schema:
                pending.append(target(root, schema["$ref"]))
    return list(found.values())


def in_place(root: Schema, schema: Schema) -> list[object]:
    """The schemas that a schema applies to the very value that it is itself applied to."""
    found = [inner for name in ("allOf", "anyOf", "oneOf") for inner in schema.get(name, ())]
    found += [schema[name] for name in ("if", "then", "else") if name in schema]
    found += schema.get("dependentSchemas", {}).values()
    if "$ref" in schema:
        found.append(target(root, schema["$ref"]))
    return found


def of_member(schemas: Iterable[Schema], name: str) -> list[object]:
    """The schemas that speak of the member of that name."""
    found: list[object] = []
    for schema in schemas:
        own = _of_member(schema, name)
        rest = [schema[key] for key in ("additionalProperties",) if key in schema and not own]
        found += own + rest
        if "unevaluatedProperties" in schema:
            found.append(schema["unevaluatedProperties"])
    return found


def of_element(schemas: Iterable[Schema], index: int) -> list[object]:
    """The schemas that speak of the element at that index."""
    found: list[object] = []
    for schema in schemas:
        first = schema.get("prefixItems", ())
        if index < len(first):
            found.append(first[index])
        elif "items" in schema:
            found.append(schema["items"])
        found += [schema[key] for key in ("contains", "unevaluatedItems") if key in schema]
    return found


def _of_member(schema: Schema, name: str) -> list[object]:
    found = [schema["properties"][name]] if name in schema.get("properties", ()) else []
    by_pattern = schema.get("patternProperties", {})
    return found + [inner for one, inner in by_pattern.items() if patterns.is_found(one, name)]


def _children(schema: Schema) -> Iterator[tuple[Path, object]]:
    for key in _SINGLE:
        if key in schema:
            yield (key,), schema[key]
    for key in _LISTED:
        for index, inner in enumerate(schema.get(key, ())):
            yield (key, index), inner
    for key in _NAMED:
        for name, inner in schema.get(key, {}).items():
            yield (key, name), inner


def _only_choice(schema: Schema) -> list[object]:
    choices = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    left = [choice for choice in choices if choice != {"type": "null"}]
    return left if len(left) == 1 else []
