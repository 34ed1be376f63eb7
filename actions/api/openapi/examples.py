"""Examples of requests and answers, as they are. Floor 5.

A test checks each against its shape.
"""

from typing import Any, Final

REQUEST: Final[dict[str, Any]] = {
    "params": {"orderId": "order-12345", "amount": 4990, "currency": "EUR"},
    "idempotency_key": "invoice-order-12345",
}

_ID = "exec_01km1y3sywe9br5ykjzq0pm7hx"
_PATH = f"/api/v1/executions/{_ID}"
SUCCEEDED: Final[dict[str, Any]] = {
    "id": _ID,
    "object": "execution",
    "action": "create-invoice",
    "version": 1,
    "status": "succeeded",
    "params": {"orderId": "order-12345", "amount": 4990, "currency": "EUR"},
    "result": {"id": "inv_1", "orderId": "order-12345", "amount": 4990, "currency": "EUR"},
    "error": None,
    "replayed": False,
    "idempotency": {
        "key": "invoice-order-12345",
        "generation": 1,
        "expires_at": "2026-12-22T09:30:00.016204Z",
    },
    "attempt": 1,
    "max_attempts": 4,
    "queued_at": "2026-11-22T09:30:00.003718Z",
    "started_at": "2026-11-22T09:30:00.007512Z",
    "finished_at": "2026-11-22T09:30:00.016204Z",
    "duration_ms": 8,
    "next_attempt_at": None,
    "actor": {"type": "api_key", "id": "7", "label": "shop"},
    "cause": {"type": "request", "id": "req_01km1y3sytfkat6d5skyhk8c0e"},
    "retry_of": None,
    "rerun_of": None,
    "run": None,
    "step": None,
    "trace_id": None,
    "request_id": "req_01km1y3sytfkat6d5skyhk8c0e",
    "metadata": {},
    "links": {
        "self": _PATH,
        "events": f"{_PATH}/events",
        "waiting": f"{_PATH}/waiting",
        "cancel": f"{_PATH}/cancel",
        "rerun": f"{_PATH}/rerun",
        "action": "/api/v1/actions/create-invoice",
    },
}

FAILED: Final[dict[str, Any]] = SUCCEEDED | {
    "action": "send-welcome-email",
    "status": "failed",
    "params": {"userId": "usr_12345"},
    "result": None,
    "error": {
        "type": "Retry",
        "code": "smtp_unreachable",
        "message": "No mail server answers at 127.0.0.1:8025.",
        "retriable": True,
        "outcome": "known",
        "details": None,
        "attempt": 3,
    },
    "attempt": 3,
    "max_attempts": 3,
    "links": SUCCEEDED["links"] | {"action": "/api/v1/actions/send-welcome-email"},
}

QUEUED: Final[dict[str, Any]] = SUCCEEDED | {
    "status": "queued",
    "result": None,
    "idempotency": SUCCEEDED["idempotency"] | {"expires_at": None},
    "attempt": 0,
    "started_at": None,
    "finished_at": None,
    "duration_ms": None,
}

PROBLEM: Final[dict[str, Any]] = {
    "type": "https://actions.example.com/api/problems/params-invalid",
    "title": "The params break the schema",
    "status": 422,
    "detail": "The params do not fit the action create-invoice: Must be an integer, but is a "
    "string.",
    "instance": "/api/v1/actions/create-invoice/executions",
    "code": "params-invalid",
    "request_id": "req_01km1y3sytfkat6d5skyhk8c0e",
    "retriable": False,
    "errors": [
        {
            "pointer": "/params/amount",
            "code": "type",
            "detail": "Must be an integer, but is a string.",
        }
    ],
}
