"""A form ready to be drawn: every field with its text, its problem and its attributes.

Floor 5, a door.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from actions.errors import FieldProblem
from actions.jsontypes import JSON
from actions.web.forms.reading import as_json
from actions.web.forms.shape import Shape


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One value to choose."""

    value: str
    word: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawnField:
    """One field of the form, or a group of them."""

    shape: Shape
    text: str
    text_is_hidden: bool
    problem: str
    options: tuple[Option, ...]
    members: tuple["DrawnField", ...]

    @property
    def template(self) -> str:
        """The fragment that draws it."""
        names = {
            "group": "group",
            "choice": "radios" if self.shape.are_radios else "select",
            "boolean": "radios",
            "area": "area",
            "lines": "area",
            "json": "area",
        }
        return f"forms/_{names.get(self.shape.kind, 'input')}.html"

    @property
    def described_by(self) -> str:
        """The ids of the texts that explain the field."""
        ids = [f"{self.shape.name}-help"] if self.hint else []
        return " ".join([*ids, f"{self.shape.name}-problem"] if self.problem else ids)

    @property
    def hint(self) -> str:
        """What to write, in the schema's words and ours."""
        ours, theirs = _form_words(self.shape), self.shape.help
        return f"{theirs.removesuffix('.')}. {ours}" if ours and theirs else ours or theirs

    @property
    def is_number(self) -> bool:
        """Whether a phone should offer digits."""
        return self.shape.kind in ("integer", "number")

    @property
    def placeholder(self) -> str:
        """An example from the schema, or that an untouched secret stays as it is."""
        if self.shape.is_secret and self.text_is_hidden:
            return "unchanged"
        examples = self.shape.schema.get("examples")
        return str(examples[0]) if isinstance(examples, list) and examples else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawnForm:
    """The fields of a form, the params as JSON, and the problems that belong to no field."""

    fields: tuple[DrawnField, ...]
    json_text: str
    problems: tuple[FieldProblem, ...]
    is_json: bool
    has_fields: bool
    problem_count: int


def draw(
    shape: Shape,
    texts: Mapping[str, str],
    *,
    problems: Sequence[FieldProblem] = (),
    json_text: str = "",
    is_json: bool = False,
) -> DrawnForm:
    """The form with these texts in its fields, each problem at the field it speaks of."""
    is_json = is_json or shape.kind != "group"
    fields = tuple(_field(member, texts, problems) for member in shape.members)
    shown = set() if is_json else _pointers(fields)
    return DrawnForm(
        fields=fields,
        json_text=json_text,
        problems=tuple(each for each in problems if _home(each.pointer, shown) is None),
        is_json=is_json,
        has_fields=shape.kind == "group",
        problem_count=len(problems),
    )


def _field(shape: Shape, texts: Mapping[str, str], problems: Sequence[FieldProblem]) -> DrawnField:
    text = texts.get(shape.name, "")
    own = {shape.pointer} if shape.kind == "group" else None
    details = [
        each.detail
        for each in problems
        if each.pointer == shape.pointer
        or (own is None and each.pointer.startswith(f"{shape.pointer}/"))
    ]
    return DrawnField(
        shape=shape,
        text="" if shape.is_secret else text,
        text_is_hidden=shape.is_secret and text != "",
        problem=" ".join(details),
        options=_options(shape, text),
        members=tuple(_field(member, texts, problems) for member in shape.members),
    )


def _options(shape: Shape, text: str) -> tuple[Option, ...]:
    pairs: list[tuple[str, str]] = []
    if shape.kind == "boolean":
        pairs = [("true", "yes"), ("false", "no")]
    elif shape.kind == "choice":
        pairs = [(_option_text(each), _option_text(each)) for each in shape.choices]
    if not pairs:
        return ()
    if not shape.is_required:
        pairs.insert(0, ("", "not set"))
    return tuple(Option(value=value, word=word, is_chosen=value == text) for value, word in pairs)


def _option_text(value: JSON) -> str:
    return value if isinstance(value, str) else as_json(value)


def _form_words(shape: Shape) -> str:
    if shape.kind == "lines":
        return "One a line."
    if shape.kind == "json":
        return "Written as JSON."
    return ""


def _pointers(fields: Sequence[DrawnField]) -> set[str]:
    return {
        pointer for each in fields for pointer in ({each.shape.pointer} | _pointers(each.members))
    }


def _home(pointer: str, shown: set[str]) -> str | None:
    """The nearest field at or above a place."""
    while pointer and pointer not in shown:
        pointer = pointer.rpartition("/")[0]
    return pointer or None
