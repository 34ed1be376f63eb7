"""How a schema is asked for: which kind of field, under which name, with which limits.

Floor 5, a door; values in, values out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from actions.jsontypes import JSON, JSONObject

Kind = Literal["text", "area", "integer", "number", "boolean", "choice", "lines", "group", "json"]

MAX_DEPTH = 4
MAX_RADIOS = 4
LONG_TEXT = 200
ROOT_NAME = "params"
_PLAIN: dict[str, Kind] = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
}
_INPUT_TYPES = {
    "email": "email",
    "idn-email": "email",
    "uri": "url",
    "date": "date",
    "time": "time",
    "password": "password",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """One field or group of fields; `pointer` is the place of its value in the params."""

    kind: Kind
    pointer: str
    title: str
    schema: JSONObject
    is_required: bool = False
    is_secret: bool = False
    choices: tuple[JSON, ...] = ()
    # What the entries of a list are.
    entry: Kind = "text"
    members: tuple["Shape", ...] = field(default=())

    @property
    def name(self) -> str:
        """The name of the HTML field."""
        return ROOT_NAME + self.pointer

    @property
    def input_type(self) -> str:
        """The type of the HTML input of a text."""
        if self.is_secret:
            return "password"
        return _INPUT_TYPES.get(str(self.schema.get("format", "")), "text")

    @property
    def help(self) -> str:
        """What the schema says about the value."""
        return str(self.schema.get("description", ""))

    @property
    def are_radios(self) -> bool:
        """Whether the choices are few enough to stand side by side."""
        return len(self.choices) <= MAX_RADIOS


def shape_of(schema: JSONObject) -> Shape:
    """The form for the params of an action; a group, or JSON where the schema is no object."""
    return _shape(schema, root=schema, place=_Place(pointer="", title="Params", is_required=True))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """Where a schema stands."""

    pointer: str
    title: str
    is_required: bool
    depth: int = 0

    def member(self, name: str, *, is_required: bool) -> "_Place":
        escaped = name.replace("~", "~0").replace("/", "~1")
        return _Place(
            pointer=f"{self.pointer}/{escaped}",
            title=name,
            is_required=is_required,
            depth=self.depth + 1,
        )


def _shape(schema: JSON, *, root: JSONObject, place: _Place) -> Shape:
    known = _plain_schema(schema, root)
    kind, choices, entry = _kind(known, root)
    if kind == "group" and place.depth >= MAX_DEPTH:
        kind = "json"
    return Shape(
        kind=kind,
        pointer=place.pointer,
        title=str(known.get("title") or place.title) if place.depth == 0 else place.title,
        schema=known,
        is_required=place.is_required,
        is_secret=_is_secret(known),
        choices=choices,
        entry=entry,
        members=_members(known, root=root, place=place) if kind == "group" else (),
    )


def _members(schema: JSONObject, *, root: JSONObject, place: _Place) -> tuple[Shape, ...]:
    properties = cast(Mapping[str, JSON], schema["properties"])
    required = cast(list[str], schema.get("required", []))
    return tuple(
        _shape(properties[name], root=root, place=place.member(name, is_required=name in required))
        for name in in_order(properties, required)
    )


def in_order(names: Iterable[str], required: Sequence[str]) -> list[str]:
    """Names as the author wrote them, as far as that is known: the database forgets the order of
    an object's members and keeps that of a list, so the required ones come first, in its order."""
    present = list(names)
    first = [name for name in required if name in present]
    return [*first, *(name for name in present if name not in first)]


def _kind(schema: JSONObject, root: JSONObject) -> tuple[Kind, tuple[JSON, ...], Kind]:
    choices = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if isinstance(choices, list) and not any(isinstance(each, dict | list) for each in choices):
        return "choice", tuple(choices), "text"
    named = schema.get("type")
    if named == "object" and isinstance(schema.get("properties"), dict):
        return "group", (), "text"
    if named == "array":
        return _list_kind(schema, root)
    if named == "string" and _is_long(schema):
        return "area", (), "text"
    return _PLAIN.get(str(named), "json"), (), "text"


def _list_kind(schema: JSONObject, root: JSONObject) -> tuple[Kind, tuple[JSON, ...], Kind]:
    entry = _plain_schema(schema.get("items", {}), root)
    kind = _PLAIN.get(str(entry.get("type")))
    if kind is None or kind == "boolean" or "prefixItems" in schema:
        return "json", (), "text"
    return "lines", (), kind


def _plain_schema(schema: JSON, root: JSONObject) -> JSONObject:
    """The schema with local references followed and `null` taken off its alternatives."""
    for _ in range(MAX_DEPTH):
        if not isinstance(schema, dict):
            return {}
        options = schema.get("anyOf", schema.get("oneOf"))
        rest = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
        if isinstance(options, list) and len(kept := _not_null(options)) == 1:
            schema = {**_as_schema(kept[0]), **rest}
        elif isinstance(reference := schema.get("$ref"), str):
            own = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**_followed(reference, root), **own}
        elif isinstance(named := schema.get("type"), list):
            schema = {**schema, "type": next((each for each in named if each != "null"), "null")}
        else:
            return schema if options is None else rest
    return {}


def _not_null(options: list[JSON]) -> list[JSON]:
    return [each for each in options if _as_schema(each).get("type") != "null"]


def _as_schema(schema: JSON) -> JSONObject:
    return schema if isinstance(schema, dict) else {}


def _followed(reference: str, root: JSONObject) -> JSONObject:
    found: JSON = root
    for part in reference.removeprefix("#/").split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        found = _as_schema(found).get(name)
    return _as_schema(found)


def _is_long(schema: JSONObject) -> bool:
    most, form = schema.get("maxLength"), schema.get("format")
    # What has another form, an address or a date, stands in one line.
    return form == "multiline" or (form is None and isinstance(most, int) and most > LONG_TEXT)


def _is_secret(schema: JSONObject) -> bool:
    marks = (schema.get("x-secret"), schema.get("writeOnly"), schema.get("format") == "password")
    return any(mark is True for mark in marks)
