"""How much may be told of a place: a path ends where a secret begins.

Floor 1, pure. The names in a secret, and which of them are missing, are as secret as its values.
Whoever shows, stores or answers where something is, or where two values differ, asks here.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from actions import canonical
from actions.canonical import MAX_DEPTH
from actions.errors import FieldProblem, MalformedJson
from actions.masking.names import is_secret_name
from actions.masking.values import is_hidden_name, split
from actions.schema import tree, violations, words
from actions.schema.tree import Path, Schema, is_marked

_REPEATED = "repeated-name"


def misfits(
    schema: Schema, value: Any, *, at: str = "", marked: Mapping[str, Any] | None = None
) -> list[FieldProblem]:
    """What is wrong with a value, as `schema.violations`, but nothing of what lies in a secret.

    Secret is what the schema marks, or `marked` if that is given, and what is named like a secret.
    """
    seal = schema if marked is None else marked
    told = partial(told_path, value=value, schema=seal)
    return violations(schema, value, at=at, told=told)


def differences(one: Any, other: Any, *, schemas: Iterable[Mapping[str, Any]]) -> list[str]:
    """Where two values part, as `canonical.differing_fields`; a secret in either parts as a whole.

    Secret is what one of the schemas marks, and what is named like a secret.
    """
    splits = [split(value, schema) for schema in schemas for value in (one, other)]
    parts = (part for each in splits for part in (*each.hidden, *each.references, *each.masks))
    return canonical.differing_fields(one, other, whole={part.path for part in parts})


def told_path(path: Path, *, value: Any = None, schema: Mapping[str, Any] | None = None) -> Path:
    """The path as far as it may be told: to the first secret on it, that one included.

    What is not known of the value (it need not have the place) is taken for a secret if it may be.
    """
    root = dict(schema or {})
    schemas: list[object] = [root]
    is_hidden = False
    for depth, step in enumerate(path):
        found = tree.applicable(root, schemas)
        if is_hidden or depth > MAX_DEPTH or any(is_marked(one) for one in found):
            return path[:depth]
        if isinstance(value, dict):
            is_hidden = is_hidden_name(str(step), value)
            schemas, value = tree.of_member(found, str(step)), value.get(step)
        elif isinstance(value, list | tuple):
            index = int(step)
            schemas = tree.of_element(found, index)
            value = value[index] if index < len(value) else None
        else:
            is_hidden = is_secret_name(str(step))
            schemas = tree.of_member(found, str(step))
            schemas += tree.of_element(found, int(step)) if str(step).isdecimal() else []
    return path


def told_problem(
    problem: FieldProblem, *, value: Any = None, schema: Mapping[str, Any] | None = None
) -> FieldProblem:
    """The problem; if it lies in a secret, only that something there does not fit."""
    steps = problem.pointer.split("/")[1:]
    path: Path = tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)
    # This one says the name of a member of the place.
    whole = (*path, "") if problem.code == _REPEATED else path
    shown = told_path(whole, value=value, schema=schema)
    return problem if shown == whole else words.below(canonical.pointer_to(shown))


def told_refusal(refused: MalformedJson) -> MalformedJson:
    """The refusal of a text whose schema is not known: what has a secret's name is not told."""
    problems = [told_problem(one) for one in refused.errors]
    if problems == list(refused.errors):
        return refused
    return MalformedJson(f"The body is refused. {canonical.told(problems[0])}", errors=problems)
