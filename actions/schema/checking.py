"""Whether a schema may be used: a valid one that neither misleads, hangs nor reaches outside.

Floor 1, pure.
"""

import json

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from actions import canonical
from actions.schema import tree, validation
from actions.schema.formats import FORMATS
from actions.schema.tree import Path, Schema

MAX_SCHEMA_BYTES = 131_072
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_NOT_SUPPORTED = ("$dynamicRef", "$dynamicAnchor", "$anchor", "$recursiveRef", "$vocabulary")

_ADVICE = "mark the value itself, beside this keyword or in `properties`"
_USELESS_MARK = {
    "propertyNames": "A mark of a secret says nothing here: names of members are not hidden, so "
    f"have no secrets as names; {_ADVICE}.",
    "not": f"A mark of a secret says nothing here: what a value is not hides nothing of it; {_ADVICE}.",
}


class SchemaInvalid(ValueError):
    """A schema that cannot be used; `pointer` says where in it (RFC 6901)."""

    def __init__(self, detail: str, *, pointer: str = "") -> None:
        super().__init__(f"At #{pointer}: {detail}" if pointer else detail)
        self.pointer = pointer
        self.detail = detail


def check(schema: object) -> None:
    """Refuse a schema that is not JSON Schema 2020-12 or that would misbehave later.

    Refused besides: over MAX_SCHEMA_BYTES, references that leave the schema or lead nowhere or in a
    circle, inner `$id`s and anchors, a default that breaks its own schema. Raises SchemaInvalid.
    """
    root = _bounded(schema)
    _check_dialect(root)
    _check_meaning(root)
    found = dict(tree.parts(root))
    _check_keywords(found)
    _check_references(root, found)
    _check_circles(root, found)
    for path, part in found.items():
        _check_default(root, path, part)


def check_marks(schema: Schema) -> None:
    """Refuse a mark of a secret where it would hide nothing: below `propertyNames` or `not`.

    The schema is one that `check` accepts. Asked of what is defined anew; raises SchemaInvalid.
    """
    for path, part in tree.parts(schema):
        for keyword, detail in _USELESS_MARK.items():
            if keyword in part and _has_mark(schema, part[keyword]):
                raise _at((*path, keyword), detail)


def _has_mark(root: Schema, inner: object) -> bool:
    seen: set[int] = set()
    pending = [inner]
    while pending:
        for _, part in tree.parts(pending.pop()):
            if id(part) in seen:
                continue
            seen.add(id(part))
            if tree.is_marked(part):
                return True
            if "$ref" in part:
                pending.append(tree.target(root, part["$ref"]))
    return False


def _bounded(schema: object) -> Schema:
    if not isinstance(schema, dict):
        raise SchemaInvalid(f"A schema is an object, not {type(schema).__name__}; {{}} allows all.")
    problem = canonical.first_problem(schema)
    if problem is not None:
        raise SchemaInvalid(problem.detail, pointer=problem.pointer)
    size = len(json.dumps(schema, ensure_ascii=False).encode())
    if size > MAX_SCHEMA_BYTES:
        raise SchemaInvalid(
            f"The schema has {size:,} bytes; at most {MAX_SCHEMA_BYTES:,} are read."
        )
    return schema


def _check_dialect(root: Schema) -> None:
    if root.get("$schema", DIALECT) not in (DIALECT, f"{DIALECT}#"):
        raise SchemaInvalid(f"Only {DIALECT} is understood; drop $schema.", pointer="/$schema")


def _check_keywords(found: dict[Path, Schema]) -> None:
    for path, part in found.items():
        for name in _NOT_SUPPORTED:
            if name in part:
                raise _at(
                    path, f"{name} is not supported; use $ref with a pointer, as #/$defs/address."
                )
        if "$id" in part and path:
            raise _at(path, "An inner $id is not supported; drop it.")


def _check_references(root: Schema, found: dict[Path, Schema]) -> None:
    identities = {id(part) for part in found.values()}
    for path, part in found.items():
        if "$ref" not in part:
            continue
        shown = str(part["$ref"])[:100]
        if not shown.startswith("#"):
            raise _at(path, f"$ref {shown} leads outside; copy what it names to $defs.")
        try:
            leads_to = tree.target(root, part["$ref"])
        except (LookupError, TypeError, ValueError):
            raise _at(path, f"$ref {shown} leads nowhere; correct it.") from None
        if not isinstance(leads_to, bool) and id(leads_to) not in identities:
            raise _at(path, f"$ref {shown} does not lead to a schema; correct it.")


def _check_meaning(root: Schema) -> None:
    try:
        Draft202012Validator.check_schema(root, format_checker=FORMATS)
    except SchemaError as wrong:
        raise _at(tuple(wrong.absolute_path), _meaning_detail(wrong)) from None
    except RecursionError:
        raise SchemaInvalid("The schema is nested too deeply; move inner parts to $defs.") from None


def _meaning_detail(wrong: SchemaError) -> str:
    return f"The schema is not valid: {wrong.message[:300]}."


def _check_circles(root: Schema, found: dict[Path, Schema]) -> None:
    """Refuse a schema that applies itself to the same value again and again."""
    finished: set[int] = set()
    for path, part in found.items():
        entered: set[int] = set()
        pending: list[tuple[object, bool]] = [(part, False)]
        while pending:
            current, is_left = pending.pop()
            if not isinstance(current, dict) or id(current) in finished:
                continue
            if is_left:
                finished.add(id(current))
            elif id(current) in entered:
                raise _at(path, "The schema leads back to itself for the same value.")
            else:
                entered.add(id(current))
                pending.append((current, True))
                pending += [(inner, False) for inner in _applied(root, current)]


def _applied(root: Schema, part: Schema) -> list[object]:
    return [*tree.in_place(root, part), *([part["not"]] if "not" in part else [])]


def _check_default(root: Schema, path: Path, part: Schema) -> None:
    if "default" in part:
        problems = validation.violations_of_part(root, part, part["default"])
        if problems:
            where, why = problems[0].pointer, problems[0].detail
            place = f" at {where}" if where else ""
            raise _at(path, f"The default does not fit its own schema{place}: {why}")


def _at(path: Path, detail: str) -> SchemaInvalid:
    return SchemaInvalid(detail, pointer=canonical.pointer_to(path))
