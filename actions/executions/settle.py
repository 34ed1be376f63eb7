"""Write how attempts ended: the execution, its attempt, its events and its key, together.

Floor 4. One statement for the group. Its condition is the fence: an attempt is settled only by
the worker that holds it, so one that lost its lease writes nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from actions import vault
from actions.actors import SYSTEM
from actions.context import LogEntry
from actions.executions import (
    admission,
    events,
    followers,
    idempotency,
    statements,
    steady,
    terms,
    unbegun,
    wake,
)
from actions.executions.claim import Claim, Claimant
from actions.executions.followers import Ended, Lane
from actions.models import Attempt, Execution, LogLine
from actions.settlement import Settlement
from actions.states import EventType

_SETTLE = """
WITH ended AS (
    SELECT * FROM json_to_recordset(%(endings)s::json) AS ended (
        id uuid, attempt int, status text, outcome text, result text, sealed bytea, error text,
        error_code text, decision text, delay float8, loss int, crash int, first_event text,
        first_facts text, event text, facts text, retention float8
    )
), settled AS (
    UPDATE actions_execution AS execution SET
        status = CASE WHEN ended.status = 'retrying' AND execution.cancel_requested_at IS NOT NULL
                      THEN 'cancelled' ELSE ended.status END,
        worker_id = NULL,
        result = ended.result::jsonb, result_sealed = ended.sealed, error = ended.error::jsonb, error_code = ended.error_code,
        crash_count = execution.crash_count + ended.crash,
        loss_count = CASE WHEN ended.loss > 0 THEN execution.loss_count + ended.loss ELSE 0 END,
        run_at = CASE WHEN ended.status = 'retrying'
                      THEN clock_timestamp() + make_interval(secs => ended.delay)
                      ELSE execution.run_at END,
        finished_at = CASE WHEN ended.status = 'retrying' AND execution.cancel_requested_at IS NULL
                           THEN NULL ELSE clock_timestamp() END,
        event_count = execution.event_count + 1 + (ended.first_event IS NOT NULL)::int,
        revision = execution.revision + 1
    FROM ended
    WHERE execution.id = ended.id AND execution.status = 'running'
      AND execution.attempt_count = ended.attempt AND execution.worker_id = %(worker)s
    RETURNING execution.id, execution.status, execution.event_count, execution.finished_at,
        execution.waited_until, execution.limits,
        execution.run_id, execution.step_id,
        ended.attempt, ended.outcome, ended.error, ended.decision, ended.delay,
        ended.first_event, ended.first_facts, ended.event, ended.facts, ended.retention
), tried AS (
    UPDATE actions_attempt AS attempt SET
        outcome = settled.outcome, finished_at = clock_timestamp(),
        error = settled.error::jsonb, decision = settled.decision, delay_seconds = settled.delay
    FROM settled
    WHERE attempt.execution_id = settled.id AND attempt.number = settled.attempt
), kept AS (
    UPDATE actions_idempotencyrecord AS record
    SET expires_at = settled.finished_at + make_interval(secs => settled.retention)
    FROM settled
    WHERE settled.finished_at IS NOT NULL AND record.execution_id = settled.id
), logged AS (
    INSERT INTO actions_executionevent
        (execution_id, seq, type, at, actor_kind, actor_id, actor_label, attempt,
         worker_label, request_id, data)
    SELECT id, event_count - 1, first_event, clock_timestamp(), 'system', '', %(label)s, attempt,
        %(label)s, '', first_facts::jsonb
    FROM settled WHERE first_event IS NOT NULL
    UNION ALL
    SELECT id, event_count,
        CASE WHEN status = 'cancelled' THEN 'cancelled' ELSE event END,
        clock_timestamp(), 'system', '', %(label)s, attempt, %(label)s, '', facts::jsonb
    FROM settled
)
SELECT id, finished_at IS NOT NULL AND waited_until > clock_timestamp(), limits,
    CASE WHEN finished_at IS NOT NULL THEN run_id END, step_id
FROM settled
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """One claimed attempt, how it ends, and the log lines its code wrote."""

    claim: Claim
    settlement: Settlement
    log: Sequence[LogEntry] = ()
    # It says that the true ending could not be stored.
    is_unstorable: bool = False


class _Given(NamedTuple):
    """What _GIVE_BACK tells of each execution."""

    id: UUID
    queue: str
    is_concurrent: bool
    limits: list[str]
    version_id: int
    has_ended: bool
    is_waited: bool
    run_id: UUID | None  # if that has ended a step of it
    step_id: UUID | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """What has been settled: those that somebody waits for, and where something is now due."""

    waited: Sequence[UUID] = ()
    lanes: frozenset[Lane] = frozenset()


class StaleAttempts(Exception):
    """Some attempts are no longer ours; the transaction must be rolled back."""

    def __init__(self, stale: list[Ending]) -> None:
        super().__init__(f"{len(stale)} attempts are no longer this worker's.")
        self.stale = stale


def settle(endings: Sequence[Ending], claimant: Claimant) -> Settled:
    """Settle a group in the caller's transaction, and start what comes next in their runs.

    Raises StaleAttempts, naming them, if not every attempt is still this worker's.
    """
    if not endings:
        return Settled()
    steady.steady()
    followers.lock(ending.claim.run_id for ending in endings)
    settled = _run_for_each_kind(endings, claimant)
    ours = {row[0] for row in settled}
    stale = [ending for ending in endings if ending.claim.id not in ours]
    if stale:
        raise StaleAttempts(stale)
    late = {ending.claim.id for ending in endings if ending.settlement.is_unbegun}
    admission.release(
        (limits for _, _, limits, _, _ in settled),
        unused=[limits for identity, _, limits, _, _ in settled if identity in late],
    )
    keep_log([(ending.claim, ending.log) for ending in endings])
    lanes = followers.follow([_ended(row[0], *row[3:]) for row in settled if row[3]])
    waited = [identity for identity, is_waited, *_ in settled if is_waited]
    return Settled(waited=waited, lanes=frozenset(lanes))


def _run_for_each_kind(endings: Sequence[Ending], claimant: Claimant) -> list[tuple[Any, ...]]:
    """Write those that have run, and those that were claimed too late to begin."""
    late = [ending for ending in endings if ending.settlement.is_unbegun]
    if not late:
        return statements.run(_SETTLE, _written(endings, claimant))
    begun = [ending for ending in endings if not ending.settlement.is_unbegun]
    given_up = statements.run(unbegun.GIVE_UP, _written(late, claimant))
    return [*given_up, *_run_for_each_kind(begun, claimant)] if begun else given_up


def _ended(execution_id: UUID, run_id: UUID, step_id: UUID) -> Ended:
    return Ended(execution_id=execution_id, run_id=run_id, step_id=step_id)


def keep_log(written: Sequence[tuple[Claim, Sequence[LogEntry]]]) -> None:
    """Store the lines that the code of these attempts wrote."""
    lines = [
        LogLine(
            execution_id=claim.id,
            attempt=claim.attempt,
            number=entry.number,
            at=entry.at,
            level=entry.level,
            message=entry.message,
            fields=entry.fields,
        )
        for claim, entries in written
        for entry in entries
    ]
    if lines:
        LogLine.objects.bulk_create(lines)


def refuse_stale(stale: Sequence[Ending], claimant: Claimant) -> None:
    """Record that a late result was refused, with what it was; it changes nothing else.

    An attempt that this worker itself has ended is not late: the answer to that commit was lost.
    """
    for late in stale:
        attempt = Attempt.objects.numbered(late.claim.id, late.claim.attempt)
        if attempt is None or attempt.is_ended_by(claimant.worker_id):
            continue
        version = terms.version(late.claim.version_id)
        with transaction.atomic():
            events.append(
                late.claim.id,
                EventType.STALE_RESULT_REFUSED,
                by=SYSTEM,
                facts={
                    "attempt": late.claim.attempt,
                    "worker": claimant.label,
                    "outcome": str(late.settlement.outcome),
                    "value": late.settlement.shown_value(version.result_schema),
                },
            )


def give_back(
    ids: Sequence[UUID], claimant: Claimant, *, reason: str, is_loss: bool = False
) -> None:
    """Return claims as if they had not been taken: never begun, or begun without any effect.

    Those that somebody has asked to cancel have ended with it.
    """
    if not ids:
        return
    asked = {
        "ids": list(ids),
        "worker": claimant.worker_id,
        "label": claimant.label,
        "reason": reason,
        "loss": int(is_loss),
    }
    with transaction.atomic():
        steady.steady()
        followers.lock(Execution.objects.runs_of(ids))
        given = [_Given(*row) for row in statements.run(unbegun.GIVE_BACK, asked)]
        for ended in (one for one in given if one.has_ended):
            idempotency.start_retention(ended.id, version_id=ended.version_id)
        limited = [one.limits for one in given]
        admission.release(limited, unused=() if is_loss else limited)
        followers.wake_for(
            {Lane(queue=one.queue, is_concurrent=one.is_concurrent) for one in given}
        )
        followers.follow_and_wake(
            [_ended(one.id, one.run_id, one.step_id) for one in given if one.run_id and one.step_id]
        )
    wake.waiters([one.id for one in given if one.is_waited])


def _written(endings: Sequence[Ending], claimant: Claimant) -> dict[str, str | int]:
    """What _SETTLE is given; one parameter, because the driver takes its time for each."""
    rows = [_row(ending) for ending in endings]
    return {
        "worker": claimant.worker_id,
        "label": claimant.label,
        "endings": json.dumps(rows, ensure_ascii=False, separators=(",", ":")),
    }


def _row(ending: Ending) -> dict[str, object]:
    claim, one = ending.claim, ending.settlement
    sealed = vault.sealed_parts(one.hidden, of=vault.RESULT, execution_id=claim.id)
    retention = terms.key_retention(claim.version_id)
    return {
        "id": str(claim.id),
        "attempt": claim.attempt,
        "status": one.status,
        "outcome": one.outcome,
        "result": one.result,
        "sealed": statements.in_json(sealed),
        "error": one.error,
        "error_code": one.error_code,
        "decision": one.decision,
        "delay": one.delay_seconds,
        "loss": int(one.is_loss),
        "crash": int(one.is_crash),
        "first_event": one.first_event,
        "first_facts": one.first_facts,
        "event": one.event,
        "facts": one.event_facts,
        "retention": retention and retention.total_seconds(),
    }
