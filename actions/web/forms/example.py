"""Params that fit a schema: for snippets that a reader copies, and for an empty form.

Floor 5, a door; values in, values out.
"""

from actions.jsontypes import JSON, JSONObject
from actions.web.forms.shape import Shape, shape_of

_BY_KIND: dict[str, JSON] = {
    "text": "…",
    "area": "…",
    "integer": 1,
    "number": 1.0,
    "boolean": True,
    "lines": [],
    "json": {},
}
_BY_FORMAT: dict[str, JSON] = {
    "email": "ada@example.com",
    "uri": "https://example.com",
    "date": "2026-11-22",
    "date-time": "2026-11-22T02:15:00Z",
}


def example_of(schema: JSONObject) -> JSONObject:
    """Example params: the required ones, by the schema's own examples where it has any."""
    value = _example(shape_of(schema))
    return value if isinstance(value, dict) else {}


def defaults_of(shape: Shape) -> JSONObject:
    """The params that a schema fills in by itself."""
    value = _defaults(shape)
    return value if isinstance(value, dict) else {}


def _defaults(shape: Shape) -> JSON:
    if "default" in shape.schema:
        return shape.schema["default"]
    if shape.kind != "group":
        return None
    defaults = {each.title: _defaults(each) for each in shape.members}
    return {name: value for name, value in defaults.items() if value not in (None, {})}


def _example(shape: Shape) -> JSON:
    examples = shape.schema.get("examples")
    if isinstance(examples, list) and examples:
        first: JSON = examples[0]
        return first
    if shape.kind == "group":
        return {each.title: _example(each) for each in shape.members if each.is_required}
    if "default" in shape.schema:
        return shape.schema["default"]
    if shape.choices:
        return shape.choices[0]
    named = _BY_FORMAT.get(str(shape.schema.get("format", "")))
    return named if named is not None else _least(shape)


def _least(shape: Shape) -> JSON:
    least = shape.schema.get("minimum", shape.schema.get("exclusiveMinimum"))
    if shape.kind in ("integer", "number") and isinstance(least, int | float):
        return least + 1 if "exclusiveMinimum" in shape.schema else least
    return _BY_KIND.get(shape.kind)
