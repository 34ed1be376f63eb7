"""The headers that every answer has, added to the generated document. Floor 5."""

from typing import Any

Document = dict[str, Any]

_TEXT = {"type": "string"}
_HEADERS: Document = {
    "Allow": {"description": "The methods that this address takes.", "schema": _TEXT},
    "X-Request-Id": {
        "description": "The name of this request, in logs and records; yours if you sent a sane one.",
        "schema": _TEXT,
    },
    "RateLimit": {
        "description": "How many requests you have left and for how many seconds; absent where the "
        "service counts none (IETF draft, RateLimit header fields for HTTP).",
        "schema": _TEXT,
    },
    "RateLimit-Policy": {
        "description": "How many requests you may send in how many seconds; absent as well.",
        "schema": _TEXT,
    },
    "Retry-After": {
        "description": "Seconds after which the same request may be taken; absent where it cannot help.",
        "schema": _TEXT,
    },
    "Refused": {
        "description": "`api`: the request was refused, as opposed to an action that has failed.",
        "schema": {"const": "api"},
    },
}
_ON_EVERY_ONE = ("Allow", "X-Request-Id", "RateLimit", "RateLimit-Policy")
_REFUSED_FROM = 400


def add_headers(result: Document) -> None:
    """Tell on each response what is on every one, and who has refused."""
    result["components"].setdefault("headers", {}).update(_HEADERS)
    for operations in result["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                headers = response.setdefault("headers", {})
                headers |= {name: _ref(name) for name in _ON_EVERY_ONE}
                if int(status) >= _REFUSED_FROM:
                    headers |= {
                        "X-Error-Source": _ref("Refused"),
                        "Retry-After": _ref("Retry-After"),
                    }


def _ref(name: str) -> Document:
    return {"$ref": f"#/components/headers/{name}"}
