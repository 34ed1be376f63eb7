"""What the shapes of answers are built of. Floor 5."""

from typing import Any, Final

Shape = dict[str, Any]


def ref(name: str) -> Shape:
    """A reference to the component of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


def record(description: str, fields: dict[str, Shape]) -> Shape:
    """An object that has exactly these fields."""
    return {
        "type": "object",
        "description": description,
        "required": list(fields),
        "additionalProperties": False,
        "properties": fields,
    }


def or_null(kind: str, **more: Any) -> Shape:
    """A value of that type, or null."""
    return {"type": [kind, "null"], **more}


def page_of(name: str, words: str = "") -> Shape:
    """One page of a list of such components."""
    return record(
        f"One page of a list of {words or name.lower()}s.",
        {
            "object": {"const": "list"},
            "entries": {"type": "array", "items": ref(name)},
            "next_cursor": or_null(
                "string", description="Send it as `cursor` for the next page; null on the last."
            ),
        },
    )


EXECUTION_ID: Final[Shape] = {"type": "string", "pattern": "^exec_[0-7][0-9a-hjkmnp-tv-z]{25}$"}
RUN_ID: Final[Shape] = {"type": "string", "pattern": "^run_[0-7][0-9a-hjkmnp-tv-z]{25}$"}
BULK_ID: Final[Shape] = {"type": "string", "pattern": "^bulk_[0-7][0-9a-hjkmnp-tv-z]{25}$"}
TEXT: Final[Shape] = {"type": "string"}
COUNT: Final[Shape] = {"type": "integer", "minimum": 0}
TIME: Final[Shape] = {"type": "string", "format": "date-time"}
TIME_OR_NULL: Final = or_null("string", format="date-time")
