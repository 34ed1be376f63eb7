"""Workflows that stand for the probes: each has one step, and the name and params of an action.

So one table of cases drives both. `probe-story` asks, waits for an event and delivers.
"""

from typing import Any

from actions.actors import SYSTEM
from workflows import definitions

NAME = {"name": {"type": "string"}}
GATE = {"gate": {"type": "string"}}
PARAMS: dict[str, dict[str, Any]] = {
    "probe-nothing": {},
    "probe-echo": {"value": {"default": None}},
    "probe-decline": {},
    "probe-mark": NAME,
    "probe-nap": {"seconds": {"type": "number"}},
    "probe-hold": NAME | GATE,
    "probe-flaky": NAME | {"fail_times": {"type": "integer"}},
    "probe-wait-for-cancel": GATE,
}
FORM = {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]}
STORY = {
    "workflow": "probe-story",
    "params": {"type": "object", "properties": GATE, "required": ["gate"]},
    "steps": {
        "ask": {"approval": {"message": "May it go out?", "form": FORM}},
        "paid": {"event": {"name": "paid"}, "after": ["ask"]},
        "deliver": {
            "action": "probe-deliver",
            "params": {"gate": "${{ params.gate }}"},
            "after": ["paid"],
        },
    },
    "result": "${{ [steps.ask.result.answer.days, steps.paid.result.payload] }}",
}


def publish() -> None:
    """Publish all of them."""
    probes = [_of_one_step(action, action, properties) for action, properties in PARAMS.items()]
    for document in [*probes, STORY]:
        definitions.create(document, by=SYSTEM)
        definitions.publish(document["workflow"], by=SYSTEM)


def _of_one_step(name: str, action: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "workflow": name,
        "params": {
            "type": "object",
            "properties": properties,
            "required": [name for name in properties if "default" not in properties[name]],
            "additionalProperties": False,
        },
        "steps": {
            "only": {
                "action": action,
                "params": {name: f"${{{{ params.{name} }}}}" for name in properties},
            }
        },
        "result": "${{ steps.only.result }}",
    }
