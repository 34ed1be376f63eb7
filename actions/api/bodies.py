"""Rows as JSON, made from nothing but the stored row. Floor 5.

`shapes/answers.py` documents what is made here. Params, results and details are masked.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from actions import masking
from actions.api import links
from actions.errors import Refusal
from actions.executions import holders
from actions.executions.waiting import Waiting
from actions.ids import PREFIX_EXECUTION, PREFIX_RUN, show
from actions.jsontypes import JSON, JSONObject
from actions.models import (
    Action,
    ApiKey,
    AuditEvent,
    Execution,
    ExecutionEvent,
    IdempotencyRecord,
    Secret,
)
from actions.states import ExecutionStatus


def execution(row: Execution, *, is_replay: bool = False) -> JSONObject:
    """One execution, made ready by `rows` or read by `for_answer`; every field is always there."""
    return {
        "id": row.shown_id,
        "object": "execution",
        "action": row.action_name,
        "version": row.version.number,
        "status": row.status,
        "params": masking.masked(row.params, schema=row.version.params_schema),
        "result": masking.masked(row.result, schema=row.version.result_schema),
        "error": _error(row.error),
        "replayed": is_replay,
        "idempotency": _idempotency(row),
        "attempt": row.attempt_count,
        "max_attempts": row.max_attempts,
        "queued_at": moment(row.queued_at),
        "started_at": moment(row.first_started_at),
        "finished_at": moment(row.finished_at),
        "duration_ms": _milliseconds(row.first_started_at, row.finished_at),
        "next_attempt_at": moment(row.run_at) if row.status in _WAITS_FOR_RETRY else None,
        "actor": actor(row),
        "cause": _cause(row),
        "retry_of": _shown(row.retry_of_id),
        "rerun_of": _shown(row.rerun_of_id),
        "run": _shown_run(row.run_id),
        "step": row.step_name,
        "trace_id": row.trace_id or None,
        "request_id": row.request_id or None,
        "metadata": masking.masked(row.metadata),
        "links": _links(row),
    }


def event(row: ExecutionEvent) -> JSONObject:
    """One line of the execution log."""
    return {
        "object": "event",
        "seq": row.seq,
        "type": row.type,
        "at": moment(row.at),
        "actor": actor(row),
        "attempt": row.attempt,
        "worker": row.worker_label or None,
        "request_id": row.request_id or None,
        "data": masking.masked(row.data),
    }


def audit_event(row: AuditEvent) -> JSONObject:
    """One line of the audit log."""
    return {
        "object": "audit_event",
        "id": row.pk,
        "verb": row.verb,
        "at": moment(row.at),
        "actor": actor(row),
        "object_kind": row.object_kind,
        "object_id": row.object_id,
        "object_label": row.object_label,
        "request_id": row.request_id or None,
        "data": masking.masked(row.data),
    }


def waiting(found: Waiting | None) -> JSONObject:
    """Why an execution waits; `reason` is null if it does not."""
    return {
        "object": "waiting",
        "reason": found.reason if found else None,
        "sentence": found.sentence if found else None,
        "needs_help": found.needs_help if found else False,
        "held_by": list(found.held_by) if found else [],
    }


def action(row: Action) -> JSONObject:
    """One action of the catalogue with its current version."""
    version = row.current
    if version is None:
        raise ValueError(f"The action {row.name} has no version.")
    return {
        "object": "action",
        "name": row.name,
        "description": version.description,
        "version": version.number,
        "digest": version.digest,
        "origin": row.origin,
        "enabled": row.is_enabled,
        "disabled_note": row.disabled_note or None,
        "effect": version.effect,
        "repeatable": version.is_repeatable,
        "idempotency": version.idempotency,
        "key_retention": version.key_retention,
        "retry": version.retry,
        "timeout_seconds": version.timeout_seconds,
        "queue": version.queue,
        "priority": version.priority,
        "limits": version.limits,
        "params_schema": version.params_schema,
        "result_schema": version.result_schema,
        "definition": version.definition,
        "links": {"self": links.action(row.name), "execute": links.executions_of_action(row.name)},
    }


def idempotency_key(row: IdempotencyRecord) -> JSONObject:
    """What a key stands for."""
    return {
        "object": "idempotency_key",
        "kind": row.kind,
        "name": row.name,
        "key": row.key,
        "generation": row.generation,
        "execution": row.shown_holder if row.run_id is None else None,
        "run": row.shown_holder if row.run_id is not None else None,
        "status": holders.find(row).status,
        "hits": row.hit_count,
        "mismatches": row.mismatch_count,
        "created_at": moment(row.created_at),
        "last_hit_at": moment(row.last_hit_at),
        "expires_at": moment(row.expires_at),
    }


def secret(row: Secret) -> JSONObject:
    """What is known of a secret, but for its value."""
    return {
        "object": "secret",
        "name": row.name,
        "version": row.version_number,
        "actions": list(row.actions),
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
        "updated_by": row.updated_by,
    }


def api_key(row: ApiKey, *, key: str | None = None) -> JSONObject:
    """What a key may do; the key itself only in the answer to its making."""
    return {
        "object": "api_key",
        "prefix": row.prefix,
        "name": row.name,
        "scopes": list(row.scopes),
        "patterns": list(row.patterns),
        "created_by": row.created_by,
        "created_at": moment(row.created_at),
        "expires_at": moment(row.expires_at),
        "revoked_at": moment(row.revoked_at),
        "last_used_at": moment(row.last_used_at),
        "key": key,
    }


def refusal(refused: Refusal) -> JSONObject:
    """Why one request of a batch was refused, in the words of a problem."""
    return {
        "code": refused.code,
        "detail": refused.detail,
        "retriable": refused.retriable,
        "errors": [asdict(error) for error in refused.errors],
    }


def page(entries: Iterable[JSONObject], *, next_cursor: str | None) -> JSONObject:
    """One page of a list; no cursor means that it is the last."""
    return {"object": "list", "entries": list(entries), "next_cursor": next_cursor}


def moment(at: datetime | None) -> str | None:
    """A time as RFC 3339 in UTC, to the microsecond."""
    if at is None:
        return None
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


_WAITS_FOR_RETRY = frozenset({ExecutionStatus.RETRYING})
# A traceback is for the people who keep the installation, on its pages.
_SHOWN_OF_ERROR = ("type", "code", "message", "retriable", "outcome", "details", "attempt")


def _error(stored: dict[str, Any] | None) -> JSON:
    if stored is None:
        return None
    shown = {name: stored.get(name) for name in _SHOWN_OF_ERROR}
    shown["details"] = masking.masked(shown["details"])
    return shown


def _idempotency(row: Execution) -> JSONObject:
    if row.idempotency_key is None:
        return {"key": None, "generation": None, "expires_at": None}
    return {
        "key": row.idempotency_key,
        "generation": row.key_generation,
        "expires_at": moment(row.key_expires_at),
    }


class Acted(Protocol):
    """A row that says who asked for something, or did it."""

    actor_kind: str
    actor_id: str
    actor_label: str


def actor(row: Acted) -> JSONObject:
    """Who asked, or did it; the label as it was then."""
    return {"type": row.actor_kind, "id": row.actor_id or None, "label": row.actor_label}


def _cause(row: Execution) -> JSONObject:
    """Why it exists: a person's re-run, a retry under the same key, a run, or just a request."""
    if row.rerun_of_id is not None:
        return {"type": "rerun", "id": _shown(row.rerun_of_id)}
    if row.retry_of_id is not None:
        return {"type": "retry", "id": _shown(row.retry_of_id)}
    if row.run_id is not None:
        return {"type": "run", "id": _shown_run(row.run_id)}
    return {"type": "request", "id": row.request_id or None}


def _links(row: Execution) -> JSONObject:
    own = links.execution(row.id)
    return {
        "self": own,
        "events": f"{own}/events",
        "waiting": f"{own}/waiting",
        "cancel": f"{own}/cancel",
        "rerun": f"{own}/rerun",
        "action": links.action(row.action_name),
    }


def _shown_run(identity: UUID | None) -> str | None:
    return None if identity is None else show(PREFIX_RUN, identity)


def _shown(identity: UUID | None) -> str | None:
    return None if identity is None else show(PREFIX_EXECUTION, identity)


def _milliseconds(first: datetime | None, last: datetime | None) -> int | None:
    if first is None or last is None:
        return None
    return (last - first) // timedelta(milliseconds=1)
