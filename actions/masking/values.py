"""Masking of JSON values, by what the schema marks and by what names say.

Floor 1, pure.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, NamedTuple

from actions.canonical import MAX_DEPTH, canonical
from actions.masking.names import is_secret_name
from actions.schema import tree
from actions.schema.tree import Schema, is_marked

MASK = "••••••"

REFERENCE = "$secret"
# A header or variable is often an object of its name and its value.
_LABELS = ("name", "key", "header")


class Hidden(NamedTuple):
    """A secret part of a JSON value: where it is, as names and positions, and what it is."""

    path: tuple[str | int, ...]
    value: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Split:
    """A JSON value told apart: what may be shown, what that hides, and its references to secrets.

    `masks` are the secrets of which it has only the mask.
    A reference counts only where a secret may stand; anywhere else it is an object like others.
    """

    shown: Any
    hidden: list[Hidden]
    references: list[Hidden]
    masks: list[Hidden]


def masked(value: Any, *, schema: Mapping[str, Any] | None = None) -> Any:
    """A copy of a JSON value in which every secret is MASK.

    Secret is what the schema marks (`writeOnly`, `x-secret`, format `password`), in any of its
    alternatives, and what is named like a secret. Null, true and false stay, and so does a
    reference to a secret, `{"$secret": "smtp-password"}`, which is only its name. What is nested
    deeper than intake allows is masked whole.
    """
    return split(value, schema).shown


def split(value: Any, schema: Mapping[str, Any] | None = None) -> Split:
    """Mask a JSON value, and keep what the mask hides."""
    root = dict(schema) if schema else {}
    masker = _Masker(root)
    shown = masker.of(value, [root] if root else [], ())
    return Split(
        shown=shown, hidden=masker.hidden, references=masker.references, masks=masker.masks
    )


def filled(shown: Any, parts: Iterable[Hidden]) -> Any:
    """A copy of a JSON value with those parts put into their places."""
    whole = {"": deepcopy(shown)}
    for path, value in parts:
        *above, last = ("", *path)
        place: Any = whole
        for step in above:
            place = place[step]
        place[last] = value
    return whole[""]


def is_reference(value: object) -> bool:
    """Whether a value is a reference to a secret, and nothing besides."""
    return isinstance(value, dict) and value.keys() == {REFERENCE} and _is_text(value[REFERENCE])


def hidden_texts(value: Any, schema: Mapping[str, Any] | None = None) -> list[str]:
    """The texts and numbers that `masked` hides, as text, so that they can be scrubbed elsewhere."""
    return texts_of(split(value, schema).hidden)


def texts_of(parts: Iterable[Hidden]) -> list[str]:
    """The texts and numbers in parts that were hidden, as text."""
    leaves = (leaf for part in parts for leaf in _leaves(part.value))
    return list(dict.fromkeys(term for term in map(_term, leaves) if term))


class _Masker:
    """Copies a value, and keeps what it leaves out."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self.hidden: list[Hidden] = []
        self.references: list[Hidden] = []
        self.masks: list[Hidden] = []

    def of(self, value: Any, schemas: list[object], path: tuple[str | int, ...]) -> Any:
        if value is None or isinstance(value, bool):
            return value
        found = tree.applicable(self._root, schemas) if schemas else []
        if len(path) > MAX_DEPTH or any(is_marked(schema) for schema in found):
            return self._hide(value, path)
        if isinstance(value, dict) and not is_reference(value):
            hidden = {name for name in value if is_hidden_name(name, value)}
            return {
                name: self._hide(member, (*path, name))
                if name in hidden
                else self.of(member, tree.of_member(found, name), (*path, name))
                for name, member in value.items()
            }
        if isinstance(value, list | tuple):
            return [
                self.of(element, tree.of_element(found, index), (*path, index))
                for index, element in enumerate(value)
            ]
        return value

    def _hide(self, value: Any, path: tuple[str | int, ...]) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if is_reference(value):
            self.references.append(Hidden(path, value))
            return value
        (self.masks if value == MASK else self.hidden).append(Hidden(path, value))
        return MASK


def is_hidden_name(name: str, members: Mapping[str, Any]) -> bool:
    """Whether the member of that name is secret by it, or by the label that stands beside it."""
    value = members.get(name)
    labels = _LABELS if name == "value" else ()
    found = [members[label] for label in labels if _is_text(members.get(label))]
    return any(_names_secret(one, value) for one in (name, *found))


def _names_secret(name: str, value: object) -> bool:
    return is_secret_name(name, is_number=isinstance(value, int | float))


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
