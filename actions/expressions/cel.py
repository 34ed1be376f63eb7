"""One expression, compiled and evaluated. Only this module knows the library.

Floor 1, pure. cel-expr-python is CEL in C++ by its authors, young and pinned; what it does not
bound is bounded in `limits`, and what it returns is read with care: its own conversion of null to
Python forgets to count a reference and ends the process after some thousand nulls.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cel_expr_python import cel
from cel_expr_python.ext import ext_bindings

from actions import canonical
from actions.expressions import faults, limits
from actions.expressions.faults import ExpressionFailed
from actions.expressions.limits import MAX_RESULT_BYTES, VALUE_BYTES, Shape
from actions.jsontypes import JSON

_CACHED_EXPRESSIONS = 2_048
_CACHED_ENVIRONMENTS = 64
_PLAIN = frozenset({"BOOL", "INT", "UINT", "DOUBLE", "STRING"})
_PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
# Words of CEL, which no variable may be called by, and which are left alone after a point.
WORDS = frozenset(
    {
        *("as", "break", "const", "continue", "else", "false", "for", "function", "if", "import"),
        *("in", "let", "loop", "namespace", "null", "package", "return", "true", "var", "void"),
        "while",
    }
)
_OF_A_PATH = limits.shape_of("path")
_INSTEAD = {
    "BYTES": "make it text with string() or leave it out",
    "TIMESTAMP": "make it text with string()",
    "DURATION": "make it text with string()",
}
# What the library raises: mostly RuntimeError, and what its conversions run into.
_LIBRARY_ERRORS = (RuntimeError, ValueError, TypeError, OverflowError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Expression:
    """An expression that has been checked; `names` are the variables that it uses."""

    source: str
    names: frozenset[str]
    _shape: Shape = field(repr=False)
    _program: Any = field(repr=False)

    @property
    def is_path(self) -> bool:
        """Whether it only names a value, as `response.body.items` does."""
        return bool(self.names) and _PATH.fullmatch(self.source) is not None

    def evaluate(self, variables: Mapping[str, JSON], *, max_bytes: int = MAX_RESULT_BYTES) -> JSON:
        """The value as JSON, at most `max_bytes` of it, with 16 for each value beside its text.

        Integers enter as integers up to 64 bits, other numbers as doubles; nothing is converted
        between the two (see `entered`). Raises ExpressionFailed and nothing else.
        """
        for name in sorted(self.names - variables.keys()):
            raise ExpressionFailed(f"There is no {name} here yet.")
        if self.is_path:
            return _handed_on(self.source, variables, max_bytes=max_bytes)
        seen = limits.used(self._shape, variables)
        limits.check(self._shape, seen)
        given = {f"_{name}": value for name, value in seen.items()}
        try:
            return _Reading(max_bytes).json_of(self._program.eval(data=given))
        except _LIBRARY_ERRORS as wrong:
            if isinstance(wrong, ExpressionFailed):
                raise
            raise faults.failed(str(wrong)) from None


@lru_cache(maxsize=_CACHED_EXPRESSIONS)
def compiled(source: str, *, names: tuple[str, ...]) -> Expression:
    """Check an expression in which the variables `names` may stand, each of any type.

    Raises ExpressionInvalid for bad syntax, unknown names, types that never fit, and bombs.
    """
    if _is_plain_path(source, names):
        used_name = frozenset({source.partition(".")[0]})
        return Expression(source=source, names=used_name, _shape=_OF_A_PATH, _program=None)
    shape = limits.shape_of(source)
    used = sorted(shape.names & set(names))
    try:
        _environment(names).compile(source)
        program = _environment(tuple(f"_{name}" for name in names)).compile(_bound(source, used))
    except _LIBRARY_ERRORS as wrong:
        raise faults.refused(str(wrong), names=names) from None
    return Expression(source=source, names=frozenset(used), _shape=shape, _program=program)


@lru_cache(maxsize=_CACHED_EXPRESSIONS)
def check(source: str, *, names: tuple[str, ...]) -> None:
    """Refuse what `compiled` refuses, in a third of its time; nothing is kept to be evaluated.

    Raises ExpressionInvalid.
    """
    if _is_plain_path(source, names):
        return
    limits.shape_of(source)
    try:
        _environment(names).compile(source)
    except _LIBRARY_ERRORS as wrong:
        raise faults.refused(str(wrong), names=names) from None


def _is_plain_path(source: str, names: tuple[str, ...]) -> bool:
    """Whether it only names a value: then there is nothing that the library could find wrong."""
    if len(source) > limits.MAX_SOURCE or not _PATH.fullmatch(source):
        return False
    first, *members = source.split(".")
    return first in names and WORDS.isdisjoint(members)


def _bound(source: str, names: list[str]) -> str:
    """The same, with each variable converted once: the library does it at each mention."""
    # The source was compiled by itself before, so its brackets are its own; the line break ends
    # a comment.
    binds = "".join(f"cel.bind({name}, _{name}, " for name in names)
    return f"{binds}{source}\n{')' * len(names)}"


@lru_cache(maxsize=_CACHED_ENVIRONMENTS)
def _environment(names: tuple[str, ...]) -> Any:
    is_inner = all(name.startswith("_") for name in names)
    return cel.NewEnv(
        variables=dict.fromkeys(names, cel.Type.DYN),
        extensions=[ext_bindings.ExtBindings()] if is_inner else [],
    )


def _handed_on(path: str, variables: Mapping[str, Any], *, max_bytes: int) -> JSON:
    """What a path leads to, without a way through the library: large answers are handed on so."""
    value: Any = variables
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            raise faults.failed(f'Key not found in map : "{name}"')
        value = value[name]
    size = len(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
    if size > max_bytes:
        raise _too_large(max_bytes)
    handed_on: JSON = value
    return handed_on


def _too_large(max_bytes: int) -> ExpressionFailed:
    return ExpressionFailed(f"The result has more than {max_bytes:,} bytes; return less.")


class _Reading:
    """Reads a value of the library as JSON, and stops when it has become too large."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = self._left = max_bytes

    def json_of(self, value: Any) -> JSON:
        result = self._read(value, depth=0)
        problem = canonical.first_problem(result)
        if problem is not None:
            raise ExpressionFailed(f"The result cannot be kept. {problem.detail}")
        return result

    def _read(self, value: Any, *, depth: int) -> JSON:
        kind = value.type().name()
        # Each value counts, however short: to read one takes its time.
        self._count(VALUE_BYTES)
        if kind == "NULL":
            # Never asked for its value: see the head of this module.
            return None
        if kind in _PLAIN:
            plain: JSON = value.plain_value()
            self._count(len(str(plain).encode(errors="replace")))
            return plain
        if depth > canonical.MAX_DEPTH:
            raise ExpressionFailed("The result is nested too deeply; flatten it.")
        if kind.startswith("LIST"):
            return [self._read(element, depth=depth + 1) for element in value.value()]
        if kind.startswith("MAP"):
            return self._members(value.value(), depth=depth)
        if kind == "ERROR":
            raise faults.failed(str(value))
        instead = _INSTEAD.get(kind, "return something else")
        raise ExpressionFailed(f"The result is of type {kind.lower()}, not JSON; {instead}.")

    def _members(self, members: dict[Any, Any], *, depth: int) -> JSON:
        for name in members:
            if not isinstance(name, str):
                raise ExpressionFailed(f"A name in the result is {name!r:.40}; names are text.")
            self._count(len(name.encode(errors="replace")))
        return {name: self._read(member, depth=depth + 1) for name, member in members.items()}

    def _count(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise _too_large(self._max_bytes)
