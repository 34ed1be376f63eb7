"""Numbers as an expression sees them: by the schema, not by how they were written.

Floor 1, pure. CEL does not mix integers and doubles in arithmetic, and JSON does not tell 2 from
2.0, so `{"type": "number"}` always enters as a double.
"""

from typing import Any

from actions.schema import tree
from actions.schema.tree import Schema


def entered(schema: object, value: Any) -> Any:
    """A copy of the value with each whole number that its schema calls a number as a float.

    Where a schema leaves the choice (`["integer", "number"]`, anyOf with an integer) it stays.
    """
    root = schema if isinstance(schema, dict) else {}
    return _entered(root, [root], value)


def _entered(root: Schema, schemas: list[object], value: Any) -> Any:
    found = tree.applicable(root, schemas)
    if isinstance(value, dict):
        return {
            name: _entered(root, tree.of_member(found, name), member)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [
            _entered(root, tree.of_element(found, index), element)
            for index, element in enumerate(value)
        ]
    if type(value) is int and _is_number(found):
        return float(value)
    return value


def _is_number(schemas: list[Schema]) -> bool:
    types = [schema["type"] for schema in schemas if "type" in schema]
    named = {name for kind in types for name in ([kind] if isinstance(kind, str) else kind)}
    return "number" in named and "integer" not in named
