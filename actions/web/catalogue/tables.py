"""A schema as a table that people read, and a retry policy as words.

Floor 5, a door; values in, values out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from actions.jsontypes import JSON, JSONObject
from actions.limits import Limit
from actions.policy import RetryPolicy
from actions.sentences import duration
from actions.web.forms.reading import as_json
from actions.web.forms.shape import Shape, shape_of

_LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "{} characters or more",
    "maxLength": "up to {} characters",
    "minItems": "{} entries or more",
    "maxItems": "up to {} entries",
    "pattern": "matches {}",
}
_KIND_WORDS = {
    "text": "text",
    "area": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "lines": "list",
    "group": "object",
    "json": "JSON",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldRow:
    """One field of a schema; `depth` is how deep it is nested."""

    name: str
    kind: str
    is_required: bool
    default: str
    limits: str
    help: str
    is_secret: bool


def rows_of(schema: JSONObject) -> tuple[FieldRow, ...]:
    """The fields of an object schema, nested ones with their path; empty if it is no object."""
    return tuple(_rows(shape_of(schema), path=""))


def retry_words(policy: RetryPolicy) -> str:
    """A retry policy in one line: `3 attempts, exponential from 1 s to 2 s`."""
    if policy.max_attempts == 1:
        return "one attempt only"
    delay, most = _seconds(policy.delay_seconds), _seconds(policy.max_delay_seconds)
    growth = f"every {delay}" if policy.backoff == "fixed" else f"from {delay} to {most}"
    words = [f"{policy.max_attempts} attempts", f"{policy.backoff} {growth}"]
    if policy.jitter == "full":
        words.append("spread at random")
    if policy.budget_seconds is not None:
        words.append(f"within {_seconds(policy.budget_seconds)}")
    return ", ".join(words)


def limit_words(limits: Iterable[Limit]) -> str:
    """Limits in one line: `3 at once for each customerId, 100 in 60 s`."""
    return ", ".join(_words_of(limit) for limit in limits)


def _words_of(limit: Limit) -> str:
    count = f"{limit.allowed:,}"
    what = f"{count} at once" if limit.seconds is None else f"{count} in {_seconds(limit.seconds)}"
    return f"{what} for each {' and '.join(limit.per)}" if limit.per else what


def _seconds(length: float) -> str:
    return f"{length:g} s" if 1 <= length < 60 else duration(length)


def _rows(shape: Shape, *, path: str) -> Iterator[FieldRow]:
    for member in shape.members:
        name = f"{path}.{member.title}" if path else member.title
        yield _row(member, name)
        yield from _rows(member, path=name)


def _row(shape: Shape, name: str) -> FieldRow:
    return FieldRow(
        name=name,
        kind=_kind_words(shape),
        is_required=shape.is_required,
        default=as_json(shape.schema["default"]) if "default" in shape.schema else "",
        limits=", ".join(_limits(shape.schema)),
        help=shape.help,
        is_secret=shape.is_secret,
    )


def _kind_words(shape: Shape) -> str:
    if shape.kind == "choice":
        return " | ".join(_plain(each) for each in shape.choices)
    if shape.kind == "lines":
        return f"list of {_KIND_WORDS[shape.entry]}"
    words = _KIND_WORDS[shape.kind]
    named = shape.schema.get("format")
    return f"{words}, {named}" if named else words


def _limits(schema: JSONObject) -> Iterator[str]:
    for name, words in _LIMITS.items():
        if name == "minLength" and schema.get(name) == 1:
            yield "not empty"
        elif name in schema:
            yield words.format(_plain(schema[name]))


def _plain(value: JSON) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return value if isinstance(value, str) else as_json(value)
