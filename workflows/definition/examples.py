"""One example for each kind of step, each a whole document.

Floor 1, pure. Tests hold them to the schema; the API's description and the editor show them.
"""

from actions.jsontypes import JSONObject

_USER: JSONObject = {
    "type": "object",
    "properties": {
        "email": {"type": "string", "format": "email", "maxLength": 254},
        "name": {"type": "string", "minLength": 1, "maxLength": 200},
        "plan": {"enum": ["free", "team", "enterprise"], "default": "free"},
    },
    "required": ["email", "name"],
    "additionalProperties": False,
}

EXAMPLES: dict[str, JSONObject] = {
    "action": {
        "workflow": "process-new-user",
        "description": "Make a user known to everything that must know it.",
        "params": _USER,
        "on_failure": "stop",
        "compensate_after": ["failed", "cancelled"],
        "timeout": 86_400,
        "concurrency_key": {"key": "params.email", "on_conflict": "reject"},
        "steps": {
            "create_user": {
                "action": "create-user-record",
                "params": {"email": "${{ params.email }}", "name": "${{ params.name }}"},
                "compensate": {
                    "action": "delete-user-record",
                    "params": {"userId": "${{ steps.create_user.result.id }}"},
                },
            },
            "welcome": {
                "action": "send-welcome-email",
                "params": {
                    "userId": "${{ steps.create_user.result.id }}",
                    "template": "new-user-welcome-v2",
                },
                "after": ["create_user"],
                "timeout": 30,
                "retry": {"max_attempts": 5, "backoff": "exponential", "delay_seconds": 2},
                "idempotency_key": '"welcome-" + params.email',
                "priority": 10,
            },
            "sandbox": {
                "action": "provision-sandbox",
                "params": {"userId": "${{ steps.create_user.result.id }}"},
                "after": ["welcome"],
                "when": 'params.plan != "free"',
                "optional": True,
                "concurrency_key": {"key": '"sandboxes"', "limit": 5},
            },
        },
        "result": {"userId": "${{ steps.create_user.result.id }}"},
    },
    "map": {
        "workflow": "invite-teammates",
        "params": {
            "type": "object",
            "properties": {
                "teammates": {"type": "array", "items": {"type": "string", "format": "email"}}
            },
            "required": ["teammates"],
        },
        "steps": {
            "invite": {
                "map": {
                    "over": "params.teammates",
                    "item_key": "item",
                    "action": "send-invitation",
                    "params": {"email": "${{ item }}", "position": "${{ index }}"},
                    "concurrency": 20,
                    "tolerated_failures": 3,
                }
            }
        },
    },
    "workflow": {
        "workflow": "open-branch",
        "params": {"type": "object", "properties": {"owner": {"type": "object"}}},
        "steps": {
            "owner": {
                "workflow": "process-new-user",
                "params": {
                    "email": "${{ params.owner.email }}",
                    "name": "${{ params.owner.name }}",
                },
            }
        },
        "failure_handler": {
            "action": "send-notice",
            "params": {"text": "Step ${{ error.step }} of ${{ run.id }}: ${{ error.message }}"},
        },
    },
    "wait": {
        "workflow": "remind-later",
        "steps": {
            "pause": {"wait": {"for": 259_200}},
            "remind": {"action": "send-reminder", "after": ["pause"]},
        },
    },
    "approval": {
        "workflow": "grant-access",
        "params": {"type": "object", "properties": {"who": {"type": "string"}}},
        "steps": {
            "ask": {
                "approval": {
                    "message": "May ${{ params.who }} see the books?",
                    "form": {
                        "type": "object",
                        "properties": {"days": {"type": "integer", "minimum": 1, "maximum": 90}},
                        "required": ["days"],
                    },
                    "roles": ["admin"],
                    "on_rejected": "continue",
                },
                "timeout": 172_800,
            },
            "grant": {
                "action": "grant-access",
                "params": {
                    "who": "${{ params.who }}",
                    "days": "${{ steps.ask.result.answer.days }}",
                },
                "after": ["ask"],
                "when": 'steps.ask.result.decision == "approved"',
            },
        },
    },
    "event": {
        "workflow": "ship-order",
        "params": {"type": "object", "properties": {"orderId": {"type": "string"}}},
        "steps": {
            "paid": {
                "event": {
                    "name": "payment-received",
                    "payload": {"type": "object", "properties": {"amount": {"type": "integer"}}},
                    "on_timeout": "continue",
                },
                "timeout": 604_800,
            },
            "ship": {
                "action": "ship-parcel",
                "params": {"orderId": "${{ params.orderId }}"},
                "after": ["paid"],
                "when": "!steps.paid.result.timed_out",
            },
        },
    },
    "switch": {
        "workflow": "welcome-by-plan",
        "params": _USER,
        "steps": {
            "route": {
                "switch": [
                    {"when": 'params.plan == "enterprise"', "then": ["call"]},
                    {"when": 'params.plan == "team"', "then": ["letter"]},
                ],
                "otherwise": [],
            },
            "call": {"action": "schedule-call", "params": {"email": "${{ params.email }}"}},
            "letter": {"action": "send-letter", "params": {"email": "${{ params.email }}"}},
            "note": {"action": "write-note", "after": ["call", "letter"], "join": "any"},
        },
    },
}
