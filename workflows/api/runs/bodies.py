"""Runs as JSON, made from nothing but the stored rows. Floor 5.

`shapes` documents what is made here. Params, results and answers are masked.
"""

from dataclasses import asdict
from uuid import UUID

from actions import masking
from actions.api.bodies import actor, moment
from actions.ids import PREFIX_EXECUTION, PREFIX_RUN, show
from actions.jsontypes import JSON, JSONObject
from workflows.api.runs import links
from workflows.api.runs.standing import Standing, StepStanding
from workflows.models import Run, RunEvent
from workflows.runs import plans
from workflows.runs.reruns import Entry, Preview
from workflows.runs.waiting import Waiting


def run(found: Standing, *, is_replay: bool = False) -> JSONObject:
    """One run with its steps; every field is always there."""
    return {
        "object": "run",
        **_of_run(found.run),
        "replayed": is_replay,
        "idempotency": _idempotency(found),
        "steps": [_step(one) for one in found.steps],
        "reruns": [show(PREFIX_RUN, one) for one in found.reruns],
    }


def entry(row: Run) -> JSONObject:
    """One run, as it is listed."""
    return {"object": "run_entry", **_of_run(row)}


def _of_run(row: Run) -> JSONObject:
    schema = plans.of(row.version_id).definition.params_schema
    return {
        "id": row.shown_id,
        "workflow": row.workflow_name,
        "version": row.version.number,
        "status": row.status,
        "reason": row.reason or None,
        "params": masking.masked(row.params, schema=schema),
        "result": masking.masked(row.result),
        "error": _error(row.error),
        "queued_at": moment(row.queued_at),
        "started_at": moment(row.started_at),
        "finished_at": moment(row.finished_at),
        "paused_at": moment(row.paused_at),
        "cancel_requested_at": moment(row.cancel_requested_at),
        "actor": actor(row),
        "rerun_of": _shown_run(row.rerun_of_id),
        "rerun": row.rerun,
        "parent": _shown_run(row.parent_id),
        "trace_id": row.trace_id or None,
        "request_id": row.request_id or None,
        "metadata": masking.masked(row.metadata),
        "revision": row.revision,
        "links": links.of_run(row.id, workflow=row.workflow_name),
    }


def _error(stored: JSONObject | None) -> JSON:
    """Why it failed; what a sub-run says too is there under the same names."""
    if stored is None:
        return None
    return {name: stored.get(name) for name in ("step", "attempt", "code", "message")}


def _idempotency(found: Standing) -> JSONObject:
    row = found.run
    return {
        "key": row.idempotency_key,
        "generation": row.key_generation if row.idempotency_key is not None else None,
        "expires_at": moment(found.key_expires_at),
    }


def _step(one: StepStanding) -> JSONObject:
    row = one.row
    # The time of a wait is the engine's own execution, which is nobody's.
    execution = None if row.kind == "wait" else row.execution_id
    return {
        "name": row.name,
        "kind": row.kind,
        "status": one.status,
        "reason": row.reason or None,
        "optional": row.is_optional,
        "generation": row.generation,
        "execution": _shown_execution(execution),
        "run": _shown_run(row.child_id),
        "reused_from": _shown_execution(row.reused_from),
        "reused_from_run": _shown_run(one.origin),
        "elements": one.elements,
        "question": row.question or None,
        "error": _step_error(row.error),
        "started_at": moment(row.started_at),
        "finished_at": moment(row.finished_at),
    }


def _step_error(stored: JSONObject | None) -> JSON:
    if stored is None:
        return None
    return {name: stored.get(name) for name in ("attempt", "code", "message")}


def waiting(found: Waiting | None) -> JSONObject:
    """Why a run waits; `reason` is null if it does not."""
    return {
        "object": "run_waiting",
        "reason": found.reason if found else None,
        "sentence": found.sentence if found else None,
        "step": (found.step or None) if found else None,
        "run": (found.run or None) if found else None,
        "needs_help": found.needs_help if found else False,
        "held_by": list(found.held_by) if found else [],
    }


def event(row: RunEvent) -> JSONObject:
    """One line of a run's log."""
    return {
        "object": "run_event",
        "seq": row.seq,
        "type": row.type,
        "at": moment(row.at),
        "step": row.step or None,
        "actor": actor(row),
        "request_id": row.request_id or None,
        "data": masking.masked(row.data),
    }


def preview(shown: Preview) -> JSONObject:
    """What a re-run would do."""
    return {
        "object": "rerun_preview",
        "run": shown.wish.run.shown_id,
        "what": shown.wish.what,
        "step": shown.wish.step,
        "version": shown.version.number,
        "needs_reason": shown.needs_reason,
        "param_changes": [asdict(one) for one in shown.changes],
        "superseded_by": _shown_run(shown.superseded_by),
        "steps": [_verdict(one) for one in shown.entries],
        "digest": shown.digest,
    }


def _verdict(one: Entry) -> JSONObject:
    return {
        "name": one.step,
        "verdict": str(one.verdict),
        "why": one.why,
        "effect": one.effect or None,
        "source": _shown_execution(one.source),
        "source_run": _shown_run(one.source_run),
        "ended_at": moment(one.ended_at),
        "params": one.params,
        "conditional": one.is_conditional,
        "repeats": one.repeats,
        "elements": one.element_count,
        "reused_elements": one.reused_count,
        "kept_keys": one.kept_key_count,
    }


def _shown_run(identity: UUID | None) -> str | None:
    return None if identity is None else show(PREFIX_RUN, identity)


def _shown_execution(identity: UUID | None) -> str | None:
    return None if identity is None else show(PREFIX_EXECUTION, identity)
