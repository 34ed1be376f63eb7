"""The states of a run and of a step, and what its log says.

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


# How the names begin of the steps that a run adds to itself when it ends badly, and what each is.
ADDED = "@"
UNDO, HANDLER = f"{ADDED}undo.", f"{ADDED}on_failure"


def is_undo(name: str) -> bool:
    """Whether a step of that name undoes another one."""
    return name.startswith(UNDO)


# What the execution of a step says instead of the step.
RUNNING, RETRYING = "running", "retrying"
SHOWN_STATUSES = (*StepStatus, RUNNING, RETRYING)


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


_S = StepStatus

RUN_ENDED = frozenset({RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED})
STEP_ACTIVE = frozenset({_S.QUEUED, _S.WAITING})
STEP_PASSED = frozenset({_S.SUCCEEDED, _S.REUSED})
# A step that was cancelled alone has not done its work either, so its run must not succeed.
STEP_FAILED = frozenset({_S.FAILED, _S.CANCELLED})
STEP_ENDED = frozenset(_S) - STEP_ACTIVE - {_S.PENDING}
