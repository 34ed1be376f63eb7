"""Masking of JSON values, by what the schema marks and by what names say.

Floor 1, pure.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from actions.canonical import MAX_DEPTH, canonical
from actions.masking.names import is_secret_name
from actions.schema import tree
from actions.schema.tree import Schema

MASK = "••••••"

_REFERENCE = "$secret"
# A header or variable is often an object of its name and its value.
_LABELS = ("name", "key", "header")


def masked(value: Any, *, schema: Mapping[str, Any] | None = None) -> Any:
    """A copy of a JSON value in which every secret is MASK.

    Secret is what the schema marks (`writeOnly`, `x-secret`, format `password`), in any of its
    alternatives, and what is named like a secret. Null, true and false stay, and so does a
    reference to a secret, `{"$secret": "smtp-password"}`, which is only its name. What is nested
    deeper than intake allows is masked whole.
    """
    root = dict(schema) if schema else {}
    return _masked(root, [root] if root else [], value, depth=0)


def is_reference(value: object) -> bool:
    """Whether a value is a reference to a secret, and nothing besides."""
    return isinstance(value, dict) and value.keys() == {_REFERENCE} and _is_text(value[_REFERENCE])


def hidden_texts(value: Any, schema: Mapping[str, Any] | None = None) -> list[str]:
    """The texts and numbers that `masked` hides, as text, so that they can be scrubbed elsewhere."""
    pending = deque([(value, masked(value, schema=schema))])
    found: dict[str, None] = {}
    while pending:
        original, shown = pending.popleft()
        if isinstance(shown, dict) and isinstance(original, dict):
            pending.extend((original[name], shown[name]) for name in shown if name in original)
        elif isinstance(shown, list) and isinstance(original, list):
            pending.extend(zip(original, shown, strict=True))
        elif shown == MASK and original != MASK:
            found.update((_term(leaf), None) for leaf in _leaves(original) if _term(leaf))
    return list(found)


def _masked(root: Schema, schemas: list[object], value: Any, *, depth: int) -> Any:
    if value is None or isinstance(value, bool) or is_reference(value):
        return value
    found = tree.applicable(root, schemas) if schemas else []
    if depth > MAX_DEPTH or any(_is_marked(schema) for schema in found):
        return MASK
    if isinstance(value, dict):
        hidden = _hidden_names(value)
        return {
            name: _hide(member)
            if name in hidden
            else _masked(root, tree.of_member(found, name), member, depth=depth + 1)
            for name, member in value.items()
        }
    if isinstance(value, list | tuple):
        return [
            _masked(root, tree.of_element(found, index), element, depth=depth + 1)
            for index, element in enumerate(value)
        ]
    return value


def _is_marked(schema: Schema) -> bool:
    return (
        schema.get("writeOnly") is True
        or schema.get("x-secret") is True
        or schema.get("format") == "password"
    )


def _hidden_names(members: dict[str, Any]) -> set[str]:
    hidden = {name for name, value in members.items() if _names_secret(name, value)}
    labels = [members[name] for name in _LABELS if _is_text(members.get(name))]
    if any(_names_secret(label, members.get("value")) for label in labels):
        hidden.add("value")
    return hidden


def _names_secret(name: str, value: object) -> bool:
    return is_secret_name(name, is_number=isinstance(value, int | float))


def _hide(value: Any) -> Any:
    is_shown = value is None or isinstance(value, bool) or is_reference(value)
    return value if is_shown else MASK


def _leaves(value: Any) -> Iterator[Any]:
    pending = deque([value])
    while pending:
        current = pending.popleft()
        if isinstance(current, dict):
            pending.extend(() if is_reference(current) else current.values())
        elif isinstance(current, list):
            pending.extend(current)
        else:
            yield current


def _term(leaf: Any) -> str:
    if isinstance(leaf, str):
        return leaf.strip()
    if isinstance(leaf, bool) or leaf is None:
        return ""
    return canonical(leaf).decode()


def _is_text(value: object) -> bool:
    return isinstance(value, str)
