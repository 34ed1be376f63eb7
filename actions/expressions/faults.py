"""How an expression can be wrong, and the library's words about it as sentences.

Floor 1, pure.
"""

import re
from collections.abc import Iterable, Sequence

from actions.errors import FieldProblem

_PLACED = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_NO_OVERLOAD = re.compile(r"no matching overloads? (?:found : |for '(.+)' applied to ')(.*)", re.I)
_NO_KEY = re.compile(r"Key not found in map : (.*)")
_STATUS = re.compile(r"^[A-Z_]+: |\s*\[[A-Z_]+\]$")
_OPERATOR = re.compile(r"_?([^\w\s(]{1,2}|@in|in)_?(?=\(|$)")
_MAX_DETAIL = 300


class ExpressionInvalid(ValueError):
    """An expression that cannot be used. `line` and `column` count from 1; 0 says no place."""

    def __init__(self, detail: str, *, line: int = 0, column: int = 0) -> None:
        place = f" (line {line}, column {column})" if line > 0 else ""
        super().__init__(f"{detail}{place}")
        self.detail = detail
        self.line = line
        self.column = column


class ExpressionFailed(ValueError):
    """An expression that has no value for these variables; `detail` is a sentence."""

    def __init__(self, detail: str, *, pointer: str = "") -> None:
        super().__init__(f"At {pointer}: {detail}" if pointer else detail)
        self.detail = detail
        self.pointer = pointer

    def below(self, pointer: str) -> "ExpressionFailed":
        """The same failure, told with the place of the expression in its document."""
        return ExpressionFailed(self.detail, pointer=pointer + self.pointer)


class TemplateInvalid(ValueError):
    """A document whose expressions cannot be used; `problems` has all of them, with pointers."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__(f"At {problems[0].pointer or 'the document'}: {problems[0].detail}")
        self.problems = tuple(problems)


def refused(said: str, *, names: Iterable[str]) -> ExpressionInvalid:
    """What the library says of an expression that it does not compile."""
    placed = _PLACED.search(said)
    if placed is None:
        return ExpressionInvalid(_sentence(said, names=names))
    line, column, message = int(placed[1]), int(placed[2]), placed[3]
    return ExpressionInvalid(
        _sentence(message, names=names), line=max(line, 0), column=max(column, 0)
    )


def failed(said: str) -> ExpressionFailed:
    """What the library says of an expression that has no value."""
    return ExpressionFailed(_sentence(said, names=()))


def _sentence(said: str, *, names: Iterable[str]) -> str:
    said = _STATUS.sub("", _STATUS.sub("", said.strip()))
    if "recursion" in said:
        return "The expression is nested deeper than 32 levels; split it or use fewer brackets."
    if "Iteration budget" in said:
        return "The expression goes round more than 10,000 times; give it shorter lists."
    if "out of range for" in said:
        return "A variable holds an integer of more than 64 bits; send it as text."
    if found := _UNDECLARED.search(said):
        known = ", ".join(sorted(names)) or "none"
        return f"There is no variable or function {found[1]!r:.80} here; variables are {known}."
    if found := _NO_OVERLOAD.search(said):
        return _wrong_types(found[1], found[2].rstrip("'"))
    if found := _NO_KEY.search(said):
        return f"There is no {found[1]:.80} here; ask with has() before you use it."
    if said.startswith("Syntax error"):
        said = said.split(" expecting ")[0].replace("'<EOF>'", "the end")
        return f"{said[:_MAX_DETAIL]}; correct the expression."
    return f"{said[:1].upper()}{said[1:_MAX_DETAIL]}."


def _wrong_types(function: str | None, types: str) -> str:
    """For example of `_+_` and `(int, string)`, or of the one text `_+_(int64, string)`."""
    shown = f"{function or ''}{types}"
    shown = _OPERATOR.sub(lambda found: f"{found[1].lstrip('@')} ", shown, count=1)
    return (
        f"This cannot be applied: {shown[:_MAX_DETAIL]}; "
        "convert one side with string(), int() or double()."
    )
