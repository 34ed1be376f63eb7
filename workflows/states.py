"""The states of a run and of a step, and every move that is allowed.

Floor 1, pure.
"""

from enum import StrEnum

from workflows.reasons import TIME


class RunStatus(StrEnum):
    """Where a run stands; why it waits is in its reason, how it failed in its error."""

    QUEUED = "queued"  # accepted, held up by other runs of its key
    RUNNING = "running"  # something of it is due or runs
    WAITING = "waiting"  # for a time, an answer or an event
    PAUSED = "paused"  # somebody holds it up; what runs is finished
    CANCELLING = "cancelling"  # asked to stop; what runs may still end
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StepStatus(StrEnum):
    """Where a step stands. While its execution lives, that says whether it runs or is retried."""

    PENDING = "pending"  # what it waits for has not ended; or the run ended without it
    QUEUED = "queued"  # begun: it has an execution, or a run of its own, or elements
    WAITING = "waiting"  # begun: for an answer or an event; or held up while the run is paused
    SUCCEEDED = "succeeded"
    REUSED = "reused"  # succeeded in an earlier run, whose result it has
    FAILED = "failed"
    SKIPPED = "skipped"  # its condition was false, or all that it waited for was skipped
    CANCELLED = "cancelled"


class RunEventType(StrEnum):
    """What one row of a run's log says."""

    ACCEPTED = "accepted"
    STARTED = "started"
    STEP_STARTED = "step_started"
    STEP_WAITING = "step_waiting"
    STEP_SUCCEEDED = "step_succeeded"
    STEP_REUSED = "step_reused"
    STEP_FAILED = "step_failed"
    STEP_SKIPPED = "step_skipped"
    STEP_CANCELLED = "step_cancelled"
    STEP_RETRIED = "step_retried"
    ANSWERED = "answered"
    EVENT_RECEIVED = "event_received"
    PAUSED = "paused"
    RESUMED = "resumed"
    CANCEL_REQUESTED = "cancel_requested"
    RERUN_REQUESTED = "rerun_requested"
    REPLAYED = "replayed"  # a repeat of the request was answered from the record
    ATTACHED = "attached"  # the same while it went on
    MISMATCH_REFUSED = "mismatch_refused"  # its key came with other params
    KEY_RELEASED = "key_released"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


# What the execution of a step says instead of the step.
RUNNING, RETRYING = "running", "retrying"
SHOWN_STATUSES = (*StepStatus, RUNNING, RETRYING)

_R = RunStatus
_S = StepStatus

_ENDS = frozenset({_R.SUCCEEDED, _R.FAILED, _R.CANCELLED})
_LIVE = frozenset({_R.RUNNING, _R.WAITING, _R.PAUSED, _R.CANCELLING})

RUN_MOVES: dict[RunStatus, frozenset[RunStatus]] = {
    # A sub-run fails that may not wait.
    _R.QUEUED: frozenset({_R.RUNNING, _R.FAILED, _R.CANCELLED}),
    _R.RUNNING: (_LIVE - {_R.RUNNING}) | _ENDS,
    _R.WAITING: (_LIVE - {_R.WAITING}) | _ENDS,
    _R.PAUSED: (_LIVE - {_R.PAUSED}) | _ENDS,
    _R.CANCELLING: _ENDS,
    _R.SUCCEEDED: frozenset(),
    # A failed step may be tried again, which opens the run once more.
    _R.FAILED: frozenset({_R.RUNNING}),
    _R.CANCELLED: frozenset({_R.RUNNING}),
}

STEP_MOVES: dict[StepStatus, frozenset[StepStatus]] = {
    _S.PENDING: frozenset(_S) - {_S.PENDING},
    _S.QUEUED: frozenset({_S.SUCCEEDED, _S.FAILED, _S.CANCELLED}),
    _S.WAITING: frozenset({_S.QUEUED, _S.SUCCEEDED, _S.FAILED, _S.SKIPPED, _S.CANCELLED}),
    _S.SUCCEEDED: frozenset(),
    _S.REUSED: frozenset(),
    _S.FAILED: frozenset({_S.QUEUED}),
    _S.SKIPPED: frozenset(),
    _S.CANCELLED: frozenset({_S.QUEUED}),
}


def shown_status(status: str, *, reason: str, execution: str | None) -> str:
    """How a step stands for whoever looks at it.

    What has begun is `running` once its execution is, or if it is made of others; it is `retrying`
    like its execution, and `waiting` while only time passes.
    """
    if status != StepStatus.QUEUED:
        return str(status)
    if reason == TIME:
        return str(StepStatus.WAITING)
    if execution is None:
        return RUNNING
    return execution if execution in (RUNNING, RETRYING) else str(status)


RUN_ENDED = _ENDS
STEP_ACTIVE = frozenset({_S.QUEUED, _S.WAITING})
STEP_PASSED = frozenset({_S.SUCCEEDED, _S.REUSED})
STEP_ENDED = frozenset(_S) - STEP_ACTIVE - {_S.PENDING}
