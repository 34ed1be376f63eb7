"""Which Python values are JSON that we can keep.

Floor 1, pure. PostgreSQL's jsonb refuses U+0000 and lone surrogates, JSON has no NaN, and a value
that is too deep or contains itself would end in a RecursionError far from its cause.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from types import GeneratorType

from actions.errors import FieldProblem

MAX_DEPTH = 64
# Every integer up to here has a neighbour among the finite floats, so other languages can hold it.
MAX_INTEGER = 10**308
# A JSON text of n values has at least 2n - 1 bytes; more values than this never fit anywhere.
MAX_VALUES = 1_000_000
_MAX_SHOWN_POINTER = 200

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

_INSTEAD: tuple[tuple[type | tuple[type, ...], str], ...] = (
    ((bytes, bytearray, memoryview), "decode it, or send base64 text"),
    ((GeneratorType, Iterator), "collect it into a list"),
    ((set, frozenset), "make it a list"),
    ((datetime, date, time), "use its isoformat(), or annotate the return type with it"),
    (timedelta, "use its seconds, or annotate the return type with it"),
)


class NotJson(ValueError):
    """A value that JSON cannot carry or the database cannot keep; `problem` says where and why."""

    def __init__(self, problem: FieldProblem) -> None:
        super().__init__(told(problem))
        self.problem = problem


def pointer_to(path: Iterable[str | int]) -> str:
    """The JSON pointer (RFC 6901) to where the names and indexes lead."""
    return "".join(f"/{_escaped(token)}" for token in path)


def value_at(value: object, pointer: str, *, otherwise: object = None) -> object:
    """The part of a JSON value to which a pointer leads; `otherwise` where it leads nowhere."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list | tuple) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return otherwise
    return value


def told(problem: FieldProblem) -> str:
    """The problem as one text, with its place in front where it has a short one."""
    if not problem.pointer or len(problem.pointer) > _MAX_SHOWN_POINTER:
        return problem.detail
    return f"At {problem.pointer}: {problem.detail}"


def first_problem(
    value: object, *, passing: Callable[[object], bool] | None = None
) -> FieldProblem | None:
    """The first reason, in document order, why a value cannot be kept as JSON; None if it can.

    Takes any Python object and never raises: lists, tuples, dicts with text as names, text,
    integers, finite floats, booleans and None are fine, up to MAX_DEPTH containers deep.
    Objects of other types are a problem unless `passing` lets them pass, as names too.
    """
    return _problem(value, _Walk(passing=passing))


@dataclass(slots=True)
class _Walk:
    above: list[int] = field(default_factory=list)  # the identity of each container we are in
    seen_count: int = 0
    passing: Callable[[object], bool] | None = None


def _problem(value: object, walk: _Walk) -> FieldProblem | None:
    if value is None or value is True or value is False:
        return None
    if isinstance(value, str):
        return _text_problem(value)
    if isinstance(value, int):
        return None if -MAX_INTEGER <= value <= MAX_INTEGER else _too_large_an_integer()
    if isinstance(value, float):
        return None if math.isfinite(value) else _not_finite(value)
    if isinstance(value, dict):
        return _refusal_to_enter(value, walk) or _member_problem(value, walk)
    if isinstance(value, list | tuple):
        return _refusal_to_enter(value, walk) or _element_problem(value, walk)
    return None if walk.passing and walk.passing(value) else _not_json(value)


def _member_problem(members: dict[object, object], walk: _Walk) -> FieldProblem | None:
    walk.above.append(id(members))
    for name, member in members.items():
        # A name that is wrong cannot be part of a pointer, so its object is what is pointed to.
        wrong_name = _name_problem(name, walk)
        if wrong_name is not None:
            return wrong_name
        problem = _problem(member, walk)
        if problem is not None:
            return _below(str(name), problem)
    walk.above.pop()
    return None


def _element_problem(elements: Iterable[object], walk: _Walk) -> FieldProblem | None:
    walk.above.append(id(elements))
    for index, element in enumerate(elements):
        problem = _problem(element, walk)
        if problem is not None:
            return _below(index, problem)
    walk.above.pop()
    return None


def _below(token: str | int, problem: FieldProblem) -> FieldProblem:
    return replace(problem, pointer=f"/{_escaped(token)}{problem.pointer}")


def _refusal_to_enter(container: Sized, walk: _Walk) -> FieldProblem | None:
    # A container that is shared counts each time it appears, as it would in the text.
    walk.seen_count += 1 + len(container)
    if walk.seen_count > MAX_VALUES:
        return _here("too-many-values", f"There are more than {MAX_VALUES:,} values.")
    if len(walk.above) < MAX_DEPTH:
        return None
    if id(container) in walk.above or len(set(walk.above)) < len(walk.above):
        return _here("circular", "The value contains itself; send a copy without the loop.")
    return _here("too-deep", f"The value is nested deeper than {MAX_DEPTH} levels; flatten it.")


def _name_problem(name: object, walk: _Walk) -> FieldProblem | None:
    if isinstance(name, str):
        return _text_problem(name)
    if walk.passing:
        return None
    kind = type(name).__name__
    return _here("name-not-text", f"A name is of type {kind}; names in JSON are text.")


def _text_problem(text: str) -> FieldProblem | None:
    if "\x00" in text:
        return _here("nul-character", "The text contains U+0000, which cannot be stored; drop it.")
    if not text.isascii() and _LONE_SURROGATE.search(text):
        return _here(
            "lone-surrogate", "The text contains half of a surrogate pair; mend or drop it."
        )
    return None


def _too_large_an_integer() -> FieldProblem:
    return _here("integer-too-large", "The integer is beyond 10^308; send it as text.")


def _not_finite(value: float) -> FieldProblem:
    name = "not a number (NaN)" if math.isnan(value) else "infinite or beyond the range of a float"
    return _here("not-finite", f"The number is {name}, which JSON does not have; use null or text.")


def _not_json(value: object) -> FieldProblem:
    fitting = (instead for kinds, instead in _INSTEAD if isinstance(value, kinds))
    instead = next(fitting, "use objects, lists, text, numbers, booleans or null")
    kind = type(value).__name__
    return _here("not-json", f"The value is of type {kind}, which JSON does not have; {instead}.")


def _here(code: str, detail: str) -> FieldProblem:
    return FieldProblem(pointer="", code=code, detail=detail)


def _escaped(token: str | int) -> str:
    return str(token).replace("~", "~0").replace("/", "~1")
