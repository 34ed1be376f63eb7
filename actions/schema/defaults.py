"""Filling in what a caller left out and the schema knows.

Floor 1, pure.
"""

from copy import deepcopy
from typing import Any

from actions.schema import tree
from actions.schema.tree import Schema


def with_defaults(schema: object, value: Any) -> Any:
    """A copy of the value with each absent member that has a `default` filled in.

    Members of objects and elements of lists are looked at too, at any depth. A default is taken as
    it stands. Alternatives (anyOf, oneOf, if) add nothing, except the one that is left beside null;
    an absent object without a default stays absent. The value itself is not changed.
    """
    root = schema if isinstance(schema, dict) else {}
    return _filled(root, [root], value)


def _filled(root: Schema, schemas: list[object], value: Any) -> Any:
    if isinstance(value, dict):
        return _filled_members(root, tree.certain(root, schemas), value)
    if isinstance(value, list):
        certain = tree.certain(root, schemas)
        return [
            _filled(root, tree.of_element(certain, index), element)
            for index, element in enumerate(value)
        ]
    return value


def _filled_members(root: Schema, certain: list[Schema], members: dict[str, Any]) -> dict[str, Any]:
    filled = {
        name: _filled(root, tree.of_member(certain, name), member)
        for name, member in members.items()
    }
    for schema in certain:
        for name, inner in schema.get("properties", {}).items():
            if name not in filled and isinstance(inner, dict) and "default" in inner:
                filled[name] = deepcopy(inner["default"])
    return filled
