"""The document of a declarative action: its JSON Schema, and an example of each kind.

Floor 1, pure. What a schema cannot say (expressions, policies, addresses) is checked in `parsing`.
"""

from typing import Any

from actions.keys import FOREVER, MAX_RETENTION_DAYS
from actions.limits import MAX_PER
from actions.registry import MAX_PRIORITY, MAX_TIMEOUT_SECONDS

DEFAULT_SUCCESS = "response.status >= 200 && response.status < 300"
DEFAULT_RETURNS = {"status": "${{ response.status }}", "body": "${{ response.body }}"}
DEFAULT_RETRIABLE = (408, 425, 429, 500, 502, 503, 504)
DEFAULT_RESPONSE_BYTES = 1_048_576
MAX_RESPONSE_BYTES = 5_242_880
MAX_REDIRECTS = 3
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

_HEADER_NAME = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$"
_SECRET = {
    "type": "object",
    "description": "A secret by name, read by the worker when it sends the request",
    "properties": {
        "$secret": {
            "type": "string",
            "pattern": "^[a-z][a-z0-9-]{0,62}$",
            "not": {"const": "key"},
        },
        "prefix": {"type": "string", "maxLength": 100, "description": 'As "Bearer "'},
    },
    "required": ["$secret"],
    "additionalProperties": False,
}
EXPRESSION = {"type": "string", "minLength": 1, "maxLength": 4096, "description": "CEL"}
_LIMIT = {
    "type": ["integer", "string", "object"],
    "description": f'As 3, "100/m" or {{"limit": 3, "per": ["customerId"]}}; per up to {MAX_PER}',
}
_NAMED_TEXTS: dict[str, Any] = {
    "type": "object",
    "maxProperties": 50,
    "additionalProperties": {"type": ["string", "number", "boolean", "array", "null"]},
}
_FORM = _NAMED_TEXTS | {
    "additionalProperties": {"anyOf": [_NAMED_TEXTS["additionalProperties"], _SECRET]}
}

_COMMON: dict[str, Any] = {
    "description": {"type": "string", "maxLength": 10_000},
    "params": {"type": "object", "description": "JSON Schema of the params"},
    "result": {"type": ["object", "null"], "description": "JSON Schema of the result"},
    "repeatable": {
        "type": "boolean",
        "description": "Whether an attempt whose outcome is unknown may be tried again",
    },
    "retry": {"type": "object", "description": "As for actions in code"},
    "timeout": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": MAX_TIMEOUT_SECONDS,
        "description": "Seconds for one attempt",
    },
    "idempotency": {"enum": ["optional", "required", "derived"]},
    "key_retention": {
        "anyOf": [
            {"type": "integer", "minimum": 1, "maximum": MAX_RETENTION_DAYS},
            {"const": FOREVER},
        ],
        "description": "Days that a key is remembered after its execution has ended",
    },
    "queue": {"type": "string", "pattern": "^[a-z][a-z0-9_-]{0,62}$"},
    "priority": {"type": "integer", "minimum": -MAX_PRIORITY, "maximum": MAX_PRIORITY},
    "concurrency": _LIMIT,
    "rate": _LIMIT,
}
_HTTP: dict[str, Any] = {
    "method": {"enum": list(METHODS)},
    "url": {"type": "string", "minLength": 1, "maxLength": 4096},
    "allow_dynamic_host": {"type": "boolean"},
    "query": _NAMED_TEXTS,
    "headers": {
        "type": "object",
        "maxProperties": 50,
        "propertyNames": {"pattern": _HEADER_NAME},
        "additionalProperties": {"anyOf": [{"type": "string", "maxLength": 8192}, _SECRET]},
    },
    "body": {"description": "JSON with expressions in its texts"},
    "form": _FORM,
    "text": {"type": "string", "maxLength": 100_000},
    "idempotency_header": {"type": ["string", "null"], "pattern": _HEADER_NAME},
    "success": EXPRESSION,
    "retriable": {
        "type": "array",
        "maxItems": 100,
        "uniqueItems": True,
        "items": {"type": "integer", "minimum": 400, "maximum": 599},
    },
    "returns": {"description": "The result: JSON with expressions over response and params"},
    "max_response_bytes": {"type": "integer", "minimum": 1, "maximum": MAX_RESPONSE_BYTES},
    "follow_redirects": {"type": "integer", "minimum": 0, "maximum": MAX_REDIRECTS},
}
_ADDRESS = {"type": "string", "minLength": 1, "maxLength": 1000}
_EMAIL: dict[str, Any] = {
    "to": {
        "anyOf": [_ADDRESS, {"type": "array", "minItems": 1, "maxItems": 50, "items": _ADDRESS}]
    },
    "from": _ADDRESS,
    "reply_to": _ADDRESS,
    "subject": {"type": "string", "minLength": 1, "maxLength": 1000},
    "text": {"type": "string", "minLength": 1, "maxLength": 100_000},
    "html": {"type": "string", "maxLength": 200_000},
}


def _kind(name: str, own: dict[str, Any], *, required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "title": name,
        "properties": {"kind": {"const": name}, **_COMMON, **own},
        "required": ["kind", *required],
        "additionalProperties": False,
    }


KINDS: dict[str, dict[str, Any]] = {
    "http": _kind("http", _HTTP, required=["method", "url"]),
    "email": _kind("email", _EMAIL, required=["to", "subject", "text"]),
}
# The order in which a document is written; the same as in the schema.
FIELDS: dict[str, tuple[str, ...]] = {
    "http": ("kind", "description", *_HTTP, *(name for name in _COMMON if name != "description")),
    "email": ("kind", "description", *_EMAIL, *(name for name in _COMMON if name != "description")),
}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A declarative action",
    "oneOf": list(KINDS.values()),
}
EXAMPLES: dict[str, dict[str, Any]] = {
    "http": {
        "kind": "http",
        "description": "Make the sandbox of a user.",
        "method": "POST",
        "url": "https://sandboxes.example.com/v1/users/${{ params.userId }}/sandboxes",
        "headers": {"Authorization": {"$secret": "sandbox-token", "prefix": "Bearer "}},
        "body": {"plan": "${{ params.plan }}", "note": "For ${{ params.userId }}"},
        "returns": {"sandboxId": "${{ response.body.id }}", "url": "${{ response.body.url }}"},
        "params": {
            "type": "object",
            "properties": {
                "userId": {"type": "string", "maxLength": 30},
                "plan": {"enum": ["free", "team"], "default": "free"},
            },
            "required": ["userId"],
            "additionalProperties": False,
        },
        "timeout": 20,
    },
    "email": {
        "kind": "email",
        "description": "Welcome a new user.",
        "to": "${{ params.email }}",
        "subject": "Welcome, ${{ params.name }}",
        "text": "Hello ${{ params.name }},\n\nyour account is ready.\n",
        "params": {
            "type": "object",
            "properties": {
                "email": {"type": "string", "format": "email", "maxLength": 254},
                "name": {"type": "string", "minLength": 1, "maxLength": 200},
            },
            "required": ["email", "name"],
            "additionalProperties": False,
        },
        "repeatable": True,
    },
}
