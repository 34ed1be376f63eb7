"""A form for params as a browser sent it, in fields or as one JSON text.

Floor 5, a door.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from django.http import QueryDict

from actions.errors import FieldProblem
from actions.jsontypes import JSONObject
from actions.web.forms.drawing import DrawnForm, draw
from actions.web.forms.reading import (
    WHOLE_JSON,
    Reading,
    as_json,
    read,
    read_json,
    texts_of,
)
from actions.web.forms.shape import Shape

MODE, SWITCH = "mode", "as"
JSON_MODE = "json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """The texts of a form. `switch_to` names the other way of writing, if that was asked for."""

    texts: Mapping[str, str]
    json_text: str
    is_json: bool
    switch_to: str = ""

    @classmethod
    def of(cls, posted: QueryDict) -> Self:
        """What a browser sent."""
        return cls(
            texts={name: str(posted[name]) for name in posted},
            json_text=posted.get(WHOLE_JSON, ""),
            is_json=posted.get(MODE) == JSON_MODE,
            switch_to=posted.get(SWITCH, ""),
        )

    @classmethod
    def beginning(cls, shape: Shape, params: JSONObject) -> Self:
        """A form that begins with these params; secrets in them are masked."""
        return cls(
            texts=texts_of(shape, params), json_text=as_json(params), is_json=shape.kind != "group"
        )

    def read(self, shape: Shape) -> Reading:
        """The params that were sent, or what could not be read of them."""
        return read_json(self.json_text) if self.is_json else read(shape, self.texts)

    def switched(self, shape: Shape) -> Self:
        """The same params written the other way; as they were, if they cannot be read."""
        reading = self.read(shape)
        if reading.problems:
            return self
        begun = self.beginning(shape, reading.params)
        is_json = self.switch_to == JSON_MODE or shape.kind != "group"
        return type(self)(texts=begun.texts, json_text=begun.json_text, is_json=is_json)

    def drawn(self, shape: Shape, problems: Sequence[FieldProblem] = ()) -> DrawnForm:
        """The form with these texts, each problem at its field."""
        return draw(
            shape,
            self.texts,
            problems=problems,
            json_text=self.json_text,
            is_json=self.is_json,
        )
