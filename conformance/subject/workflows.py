"""The workflows that the suite publishes and runs; their steps are the actions beside this module."""

from typing import Any

NAME = {"name": {"type": "string"}}
COLOUR = {"colour": {"type": "string", "default": "red"}}
SECONDS = {"seconds": {"type": "number"}}
FORM = {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]}


def of_one_step(name: str, action: str, properties: dict[str, Any]) -> dict[str, Any]:
    """A workflow that hands its params to one action, and its result on."""
    params = {one: f"${{{{ params.{one} }}}}" for one in properties}
    return {
        "workflow": name,
        "params": {
            "type": "object",
            "properties": properties,
            "required": [one for one in properties if "default" not in properties[one]],
            "additionalProperties": False,
        },
        "steps": {"only": {"action": action, "params": params}},
        "result": "${{ steps.only.result }}",
    }


# Asks, waits for an event, and draws.
STORY = {
    "workflow": "conformance-story",
    "params": {"type": "object", "properties": NAME, "required": ["name"]},
    "steps": {
        "ask": {"approval": {"message": "May it go on?", "form": FORM}},
        "paid": {"event": {"name": "paid"}, "after": ["ask"]},
        "draw": {
            "action": "conformance-draw",
            "params": {"name": "${{ params.name }}"},
            "after": ["paid"],
        },
    },
    "result": "${{ steps.draw.result }}",
}
# Draws, and then declines.
DECLINING = {
    "workflow": "conformance-declining",
    "params": {"type": "object", "properties": NAME, "required": ["name"]},
    "steps": {
        "draw": {"action": "conformance-draw", "params": {"name": "${{ params.name }}"}},
        "decline": {
            "action": "conformance-decline",
            "params": {"name": "${{ params.name }}"},
            "after": ["draw"],
        },
    },
}
DOCUMENTS = [
    of_one_step("conformance-drawing", "conformance-draw", NAME | COLOUR),
    of_one_step("conformance-echoing", "conformance-echo", {"value": {"default": None}}),
    of_one_step("conformance-slowing", "conformance-slow", NAME | SECONDS),
    STORY,
    DECLINING,
]
