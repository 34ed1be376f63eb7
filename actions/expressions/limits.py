"""How much an expression may do, judged before it does it.

Floor 1, pure. The library bounds nesting (32) and rounds (10,000), but neither memory nor the cost
of one operation: `x + x` in 25 loops takes gigabytes, and so does one `map` over 9,000 elements,
because each round copies what was made before. So what an expression could make at most is
estimated from its text and the size of its variables, rather too high than too low.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from actions.expressions.faults import ExpressionFailed, ExpressionInvalid
from actions.expressions.searches import MAX_STEPS, Searches, searches_of

MAX_SOURCE = 4_096
MAX_RESULT_BYTES = 262_144
MAX_ROUNDS = 10_000
# How often one value may come to stand in a result by loops over what loops have made.
MAX_GROWTH = 1_000
MAX_MADE_BYTES = 67_108_864
MAX_TOUCHED_BYTES = 1_000_000_000
# Without loops, so few additions are not worth measuring what they add.
_FEW_ADDITIONS = 16
# What a value costs besides its text.
VALUE_BYTES = 16

_RAW = (
    r"(?<!\w)(?:[rR][bB]?|[bB][rR])"
    r"""(?:\"\"\".*?\"\"\"|'''.*?'''|"[^"\n]*"|'[^'\n]*')"""
)
_QUOTED = (
    r"(?:(?<!\w)[bB])?(?:\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''"
    r"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
)
# A text or a comment: what looks like code in there is none.
TEXT = re.compile(rf"{_RAW}|{_QUOTED}|//[^\n]*", re.DOTALL)
_LOOP = re.compile(r"\.\s*(?:all|exists|exists_one|existsOne|map|filter)\s*(?=\()")
_LOOP_VARIABLE = re.compile(r"[\s(]*([A-Za-z_]\w*)")
_MAKING_LOOP = re.compile(r"\.\s*(?:map|filter)\s*\(")
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_MENTION = re.compile(r"(?<![\w.])([A-Za-z_]\w*)(?:\s*\.\s*([A-Za-z_]\w*)(?!\s*\())?")
_OPERATION = re.compile(r"[-+*/%<>=!?([{]|\bin\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """What the text of an expression tells of its cost.

    `members` are those that it names of each variable, or None where it uses the whole;
    `members_in_loops` likewise, where each round may look at them.
    """

    names: frozenset[str]
    members: Mapping[str, frozenset[str] | None]
    members_in_loops: Mapping[str, frozenset[str] | None]
    loop_count: int
    making_loop_count: int
    growth: float
    plus_growth: float
    has_plus: bool
    lengthening: int
    operation_count: int
    literal_size: int
    element_count: int
    searches: Searches


@dataclass(kw_only=True, slots=True)
class Size:
    """How large variables are: all, the largest text or list, the most elements, the longest text."""

    value_count: int = 0
    total: int = 0
    largest: int = 0
    longest: int = 0
    text: int = 0


def shape_of(source: str) -> Shape:
    """Read the cost off the text; raises ExpressionInvalid for one that is too long or too deep."""
    if len(source) > MAX_SOURCE:
        raise ExpressionInvalid(
            f"The expression has {len(source):,} characters of at most {MAX_SOURCE:,}; split it."
        )
    shape = _shape(code_of(source), TEXT.findall(source))
    if shape.loop_count and shape.growth > MAX_GROWTH:
        raise ExpressionInvalid(
            f"Its {shape.loop_count} loops multiply what they are given; "
            "use fewer, or name their variables less often."
        )
    return shape


def code_of(source: str) -> str:
    """The source with its texts emptied and its comments gone."""
    return TEXT.sub(_blanked, source)


def loop_variables(code: str) -> set[str]:
    """The variables of the loops in code whose texts are emptied."""
    return {_variable(code, found.end()) for found in _LOOP.finditer(code)}


def used(shape: Shape, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What the expression can look at of the variables: to convert the rest would be for nothing."""
    return _used(variables, shape.members)


def check(shape: Shape, variables: Mapping[str, Any]) -> None:
    """Refuse to evaluate what could take gigabytes or minutes; raises ExpressionFailed."""
    is_simple = not shape.loop_count and shape.plus_growth <= _FEW_ADDITIONS
    if is_simple and not shape.searches.are_there:
        return
    whole = size_of(list(variables.values()))
    if _made(shape, whole, variables) > MAX_MADE_BYTES:
        raise _too_much(whole)
    if _touched(shape, whole, variables) > MAX_TOUCHED_BYTES:
        raise _too_much(whole)
    if shape.searches.are_there and _searched(shape, whole) > MAX_STEPS:
        raise _too_much(whole)


def _made(shape: Shape, whole: Size, variables: Mapping[str, Any]) -> float:
    """Bytes that it could make at most: texts that are put together, lists that are built."""
    longest = min(MAX_ROUNDS, max(whole.longest, shape.element_count) * shape.lengthening)
    made = float(shape.making_loop_count * VALUE_BYTES * longest**2)
    if shape.has_plus:
        made += max(
            _reached(shape, whole, variables), (whole.total + MAX_SOURCE) * shape.plus_growth
        )
    return made


def _touched(shape: Shape, whole: Size, variables: Mapping[str, Any]) -> float:
    """Bytes that it could read at most."""
    return _reached(shape, whole, variables) * shape.operation_count


def _searched(shape: Shape, whole: Size) -> float:
    """Steps that its searches could take at most."""
    text_size = (whole.text + shape.literal_size) * (shape.plus_growth if shape.has_plus else 1)
    return shape.searches.steps(int(text_size)) * _rounds(shape, whole)


def _reached(shape: Shape, whole: Size, variables: Mapping[str, Any]) -> float:
    """Bytes that one operation in it, in all its rounds, could come to see."""
    total = float(whole.total + MAX_SOURCE)
    if not shape.loop_count:
        return total
    inside = list(_used(variables, shape.members_in_loops).values())
    rounds = _rounds(shape, whole)
    # Elements are seen once by each loop; what comes from outside, in every round.
    from_outside = size_of(inside).largest + shape.literal_size if inside else shape.literal_size
    return max(total * shape.growth, float(rounds * from_outside))


def _rounds(shape: Shape, whole: Size) -> int:
    """How often its loops could go round at most."""
    count = max(whole.longest, shape.element_count) * shape.lengthening
    most: int = count ** min(shape.loop_count, 2) * max(1, shape.loop_count)
    return min(MAX_ROUNDS, most)


def size_of(value: Any) -> Size:
    """Measure a JSON value."""
    size = Size()
    pending = [value]
    while pending:
        current = pending.pop()
        own = VALUE_BYTES
        if isinstance(current, str):
            own += len(current)
            size.text = max(size.text, len(current))
        elif isinstance(current, dict):
            own += sum(map(len, current)) + VALUE_BYTES * len(current)
            pending += current.values()
            size.longest = max(size.longest, len(current))
        elif isinstance(current, list | tuple):
            own += VALUE_BYTES * len(current)
            pending += current
            size.longest = max(size.longest, len(current))
        size.value_count += 1
        size.total += own
        size.largest = max(size.largest, own)
    return size


def _too_much(whole: Size) -> ExpressionFailed:
    return ExpressionFailed(
        f"The expression could take too long or too much memory over {whole.total:,} bytes; "
        "give it shorter lists and texts, or do less for each element."
    )


def _shape(code: str, literals: list[str]) -> Shape:
    loops = [_variable(code, found.end()) for found in _LOOP.finditer(code)]
    names = _NAME.findall(code)
    inside = _inside_loops(code)
    mention_count = sum(name in loops for name in names) - len(loops)
    plus_count = code.count("+")
    # What loops in one another add may be lists that the inner ones go through.
    harmless_count = inside.count("+") if len(loops) == 1 else 0
    return Shape(
        names=frozenset(names),
        members=_members(code),
        members_in_loops=_members(inside),
        loop_count=len(loops),
        making_loop_count=len(_MAKING_LOOP.findall(code)),
        growth=_powered(mention_count, len(loops)),
        has_plus=plus_count > 0,
        plus_growth=_powered(plus_count + len(loops), len(loops)),
        lengthening=1 + plus_count - harmless_count,
        operation_count=1 + len(_OPERATION.findall(code)),
        literal_size=max(map(len, literals), default=0),
        element_count=code.count(",") + 1,
        searches=searches_of(code, literals),
    )


def _powered(count: int, loop_count: int) -> float:
    """The most that so many mentions can multiply to, spread over so many loops."""
    if loop_count == 0:
        return float(count + 1)
    each: float = max(count, loop_count) / loop_count
    return min(each**loop_count, 1e30)


def _members(code: str) -> dict[str, frozenset[str] | None]:
    found: dict[str, set[str] | None] = {}
    for name, member in _MENTION.findall(code):
        members = found.setdefault(name, set())
        if not member:
            found[name] = None
        elif members is not None:
            members.add(member)
    return {
        name: frozenset(members) if members is not None else None for name, members in found.items()
    }


def _used(
    variables: Mapping[str, Any], named: Mapping[str, frozenset[str] | None]
) -> dict[str, Any]:
    return {name: _picked(value, named[name]) for name, value in variables.items() if name in named}


def _picked(value: Any, members: frozenset[str] | None) -> Any:
    if members is None or not isinstance(value, dict):
        return value
    return {name: value[name] for name in members if name in value}


def _blanked(text: re.Match[str]) -> str:
    """What stands for a text, so that it is still one, and for a comment."""
    return " " if text[0].startswith("//") else '""'


def _variable(code: str, begin: int) -> str:
    """The variable of the loop whose brackets begin there."""
    found = _LOOP_VARIABLE.match(code, begin)
    return found[1] if found is not None else ""


def _inside_loops(code: str) -> str:
    """The code between the brackets of every loop."""
    inside = []
    for found in _LOOP.finditer(code):
        depth, end = 1, found.end() + 1
        while end < len(code) and depth:
            depth += {"(": 1, ")": -1}.get(code[end], 0)
            end += 1
        inside.append(code[found.end() : end])
    return "\n".join(inside)
