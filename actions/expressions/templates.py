"""Documents whose texts hold expressions: `"Hello ${{ params.name }}"`.

Floor 1, pure. Not a template engine: no loops, no inclusion, only values filled in.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from actions import canonical
from actions.errors import FieldProblem
from actions.expressions.cel import Expression, compiled
from actions.expressions.faults import ExpressionFailed, ExpressionInvalid, TemplateInvalid
from actions.expressions.limits import MAX_RESULT_BYTES, TEXT
from actions.jsontypes import JSON

MAX_RENDERED_BYTES = 1_048_576
MAX_PROBLEMS = 50
MAX_EXPRESSIONS = 500
_OPEN, _CLOSE = "${{", "}}"
_IN_A_NAME = "A name cannot hold an expression."
_HIDING = re.compile(r"""[{}"'/]""")
_BRACES = re.compile(r"[{}]")

Escape = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class _Text:
    """A text with expressions in it; `is_alone` if it is exactly one and keeps its type."""

    parts: tuple[str | Expression, ...]
    is_alone: bool


@dataclass(frozen=True, slots=True)
class Template:
    """A JSON document that has been checked; `names` are the variables that it uses."""

    names: frozenset[str]
    _document: Any

    def render(self, variables: Mapping[str, JSON], *, escape: Escape = str) -> JSON:
        """The document with every expression's value in its place, at most 1 MiB.

        It is nested no deeper than a request may be. A text that is exactly one expression becomes
        its value, whatever type that has. In a longer text values are written as JSON writes them,
        but text without quotes, and each goes through `escape`; null is refused there, because half a
        text is worse than none. Raises ExpressionFailed, with the pointer of the text.
        """
        rendered: JSON = _rendered(self._document, variables, (escape, ""))
        written = json.dumps(rendered, ensure_ascii=False)
        _check_size(written)
        _check_depth(rendered, written)
        return rendered

    def text(self, variables: Mapping[str, JSON], *, escape: Escape = str) -> str:
        """The same for a document that is one text: always text, by the rules of longer ones."""
        document = self._document
        if isinstance(document, _Text):
            document = _Text(document.parts, is_alone=False)
        rendered = _rendered(document, variables, (escape, ""))
        written = rendered if isinstance(rendered, str) else json.dumps(rendered)
        _check_size(written)
        return written


def _check_size(written: str) -> None:
    size = len(written.encode(errors="replace"))
    if size > MAX_RENDERED_BYTES:
        raise ExpressionFailed(
            f"Filled in, this has {size:,} bytes of at most {MAX_RENDERED_BYTES:,}; fill in less."
        )


def _check_depth(rendered: JSON, written: str) -> None:
    """Refuse what is nested too deeply; in most texts there are too few brackets for that."""
    if written.count("[") + written.count("{") <= canonical.MAX_DEPTH:
        return
    problem = canonical.first_problem(rendered)
    if problem is not None:
        raise ExpressionFailed(f"Filled in, this cannot be kept. {problem.detail}")


def template(document: JSON, *, names: tuple[str, ...]) -> Template:
    """Check a document in whose expressions the variables `names` may stand.

    Names of members hold no expressions. Raises TemplateInvalid with every problem found, or for
    more than MAX_EXPRESSIONS.
    """
    count = json.dumps(document).count(_OPEN)
    if count > MAX_EXPRESSIONS:
        detail = f"There are {count:,} expressions; at most {MAX_EXPRESSIONS} are allowed."
        raise TemplateInvalid([_problem("", detail)])
    problems: list[FieldProblem] = []
    used: set[str] = set()
    checked = _checked(document, "", (names, problems, used))
    if problems:
        raise TemplateInvalid(problems[:MAX_PROBLEMS])
    return Template(frozenset(used), checked)


@dataclass(frozen=True, slots=True)
class Embedded:
    """The expressions of one text in a document, as they were written, and where it stands."""

    path: tuple[str | int, ...]
    sources: tuple[str, ...]
    is_alone: bool


def embedded(document: JSON) -> tuple[list[Embedded], list[FieldProblem]]:
    """The expressions in the texts of a document, unchecked, and what is no template at all."""
    found: list[Embedded] = []
    problems: list[FieldProblem] = []
    pending: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, Mapping):
            if any(is_template(name) for name in value):
                problems.append(_problem(canonical.pointer_to(path), _IN_A_NAME))
            pending += [((*path, name), member) for name, member in value.items()]
        elif isinstance(value, list | tuple):
            pending += [((*path, index), element) for index, element in enumerate(value)]
        elif isinstance(value, str) and is_template(value):
            try:
                found.append(_embedded_in(value, path))
            except ExpressionInvalid as wrong:
                problems.append(_problem(canonical.pointer_to(path), str(wrong)))
    return found, problems


def _embedded_in(text: str, path: tuple[str | int, ...]) -> Embedded:
    pieces = list(_pieces(text))
    sources = tuple(piece.strip() for piece, is_expression in pieces if is_expression)
    return Embedded(path, sources, is_alone=len(pieces) == 1)


def is_template(text: str) -> bool:
    """Whether a text holds an expression."""
    return _OPEN in text


_Checking = tuple[tuple[str, ...], list[FieldProblem], set[str]]


def _checked(document: Any, pointer: str, checking: _Checking) -> Any:
    if isinstance(document, str):
        return _checked_text(document, pointer, checking)
    if isinstance(document, Mapping):
        for name in document:
            if is_template(name):
                checking[1].append(_problem(pointer, _IN_A_NAME))
        return {
            name: _checked(member, _below(pointer, name), checking)
            for name, member in document.items()
        }
    if isinstance(document, list | tuple):
        return [
            _checked(element, _below(pointer, index), checking)
            for index, element in enumerate(document)
        ]
    return document


def _checked_text(text: str, pointer: str, checking: _Checking) -> Any:
    names, problems, used = checking
    if not is_template(text):
        return text
    parts: list[str | Expression] = []
    try:
        for source, is_expression in _pieces(text):
            parts.append(compiled(source.strip(), names=names) if is_expression else source)
    except ExpressionInvalid as wrong:
        problems.append(_problem(pointer, str(wrong)))
        return text
    for part in parts:
        used |= part.names if isinstance(part, Expression) else set()
    return _Text(tuple(parts), is_alone=len(parts) == 1)


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, and whether each is the source of an expression."""
    position = 0
    while (begin := text.find(_OPEN, position)) >= 0:
        if begin > position:
            yield text[position:begin], False
        end = _end(text, begin + len(_OPEN))
        yield text[begin + len(_OPEN) : end], True
        position = end + len(_CLOSE)
    if position < len(text):
        yield text[position:], False


def _end(text: str, begin: int) -> int:
    """Where the expression that begins here ends; brackets in texts and objects are its own."""
    # Mostly there is nothing in it that could hide its end.
    end = text.find(_CLOSE, begin)
    if end >= 0 and not _HIDING.search(text, begin, end):
        return end
    depth, position = 0, begin
    while position < len(text):
        if quoted := TEXT.match(text, position):
            position = quoted.end()
            continue
        if depth == 0 and text.startswith(_CLOSE, position):
            return position
        if _BRACES.match(text, position):
            depth += 1 if text[position] == "{" else -1
        position += 1
    raise ExpressionInvalid(f"The {_OPEN} is not closed; add {_CLOSE}.")


def _rendered(document: Any, variables: Mapping[str, JSON], at: tuple[Escape, str]) -> Any:
    escape, pointer = at
    if isinstance(document, _Text):
        try:
            return _filled(document, variables, escape)
        except ExpressionFailed as wrong:
            raise wrong.below(pointer) from None
    if isinstance(document, dict):
        return {
            name: _rendered(member, variables, (escape, _below(pointer, name)))
            for name, member in document.items()
        }
    if isinstance(document, list):
        return [
            _rendered(element, variables, (escape, _below(pointer, index)))
            for index, element in enumerate(document)
        ]
    return document


def _filled(text: _Text, variables: Mapping[str, JSON], escape: Escape) -> JSON:
    values = [part if isinstance(part, str) else _value(part, variables) for part in text.parts]
    if text.is_alone:
        return values[0]
    return "".join(
        part if isinstance(part, str) else escape(_written(value, part.source))
        for part, value in zip(text.parts, values, strict=True)
    )


def _value(expression: Expression, variables: Mapping[str, JSON]) -> JSON:
    # What only hands a value on computes nothing: the bound of the document is enough.
    max_bytes = MAX_RENDERED_BYTES if expression.is_path else MAX_RESULT_BYTES
    return expression.evaluate(variables, max_bytes=max_bytes)


def _written(value: JSON, source: str) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        raise ExpressionFailed(
            f"{source[:80]} is null, which cannot be part of a text; "
            'give something else for it, as in x == null ? "none" : x.'
        )
    return canonical.canonical(value).decode()


def _problem(pointer: str, detail: str) -> FieldProblem:
    return FieldProblem(pointer=pointer, code="expression-invalid", detail=detail)


def _below(pointer: str, token: str | int) -> str:
    return pointer + canonical.pointer_to([token])
