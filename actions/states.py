"""The states of an execution and of an attempt, and every move that is allowed.

Floor 1, pure. The diagram in docs/architecture.md is checked against MOVES by a test.
"""

from enum import StrEnum


class ExecutionStatus(StrEnum):
    """Where an execution stands; how it failed is in its error's code, not here."""

    QUEUED = "queued"  # accepted, waiting for its first attempt
    RUNNING = "running"  # claimed by a worker for one attempt
    RETRYING = "retrying"  # an attempt failed or was lost; the next is due at run_at
    SUCCEEDED = "succeeded"  # an attempt committed its result
    FAILED = "failed"  # no attempt will follow
    CANCELLED = "cancelled"  # somebody stopped it before an attempt committed


class AttemptOutcome(StrEnum):
    """How one try of an execution ended."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    LOST = "lost"  # its worker died or lost its lease
    CANCELLED = "cancelled"
    RELEASED = "released"  # claimed, never begun, given back by a worker that stops


class Effect(StrEnum):
    """What an action does to the world; it decides how often an attempt may be repeated."""

    NONE = "none"  # reads and computes: may be repeated at will
    TRANSACTIONAL = "transactional"  # writes only this database: exactly once
    EXTERNAL = "external"  # reaches outside: at least once, or at most once


class EventType(StrEnum):
    """What one row of the execution log says."""

    ACCEPTED = "accepted"
    QUEUED = "queued"
    ATTEMPT_STARTED = "attempt_started"
    ATTEMPT_FAILED = "attempt_failed"
    ATTEMPT_TIMED_OUT = "attempt_timed_out"
    ATTEMPT_LOST = "attempt_lost"
    ATTEMPT_RELEASED = "attempt_released"
    RETRY_SCHEDULED = "retry_scheduled"
    STALE_RESULT_REFUSED = "stale_result_refused"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELLED = "cancelled"
    REPLAYED = "replayed"
    ATTACHED = "attached"
    MISMATCH_REFUSED = "mismatch_refused"
    KEY_RELEASED = "key_released"
    RERUN_REQUESTED = "rerun_requested"
    PAYLOAD_PURGED = "payload_purged"


class KeyKind(StrEnum):
    """What the holder of an idempotency key asked for."""

    ACTION = "action"  # to execute one
    COMMAND = "command"  # to re-run or cancel an execution or a run
    WORKFLOW = "workflow"  # to run one


class KeyState(StrEnum):
    """Where an idempotency key stands."""

    IN_USE = "in_use"  # what it stands for has not ended, so a repeat waits with it
    FINISHED = "finished"  # a repeat is answered from the record
    EXPIRED = "expired"  # its time is over: the next request with it executes anew
    RELEASED = "released"  # somebody has freed it before its time


_S = ExecutionStatus

MOVES: dict[ExecutionStatus, frozenset[ExecutionStatus]] = {
    _S.QUEUED: frozenset({_S.RUNNING, _S.CANCELLED}),
    # Back to queued only when a stopping worker gives back what it never began.
    _S.RUNNING: frozenset({_S.SUCCEEDED, _S.FAILED, _S.RETRYING, _S.CANCELLED, _S.QUEUED}),
    _S.RETRYING: frozenset({_S.RUNNING, _S.CANCELLED}),
    _S.SUCCEEDED: frozenset(),
    _S.FAILED: frozenset(),
    _S.CANCELLED: frozenset(),
}

TERMINAL = frozenset(status for status, targets in MOVES.items() if not targets)
DUE = frozenset(status for status, targets in MOVES.items() if _S.RUNNING in targets)
