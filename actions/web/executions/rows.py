"""One execution as a row of a list: what, for whom, and how it went, in two lines.

Floor 5, a door.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from actions import masking, sentences
from actions.jsontypes import JSON
from actions.models import Execution
from actions.states import ExecutionStatus
from actions.templatetags.times import clock
from actions.web.forms.shape import in_order

MAX_RESULT_FIELDS = 2
MAX_VALUE = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What a list says about one execution; `outcome` is its second line."""

    execution: Execution
    subject: str
    outcome: str
    took: timedelta | None

    @property
    def asked_by(self) -> str:
        """Who asked for it; of a run, which has an id of its own, only the workflow."""
        label = self.execution.actor_label
        return label.partition(" (")[0] if self.execution.actor_kind == "run" else label

    @property
    def is_failure(self) -> bool:
        """Whether the second line is the cause of a failure."""
        return self.execution.status == ExecutionStatus.FAILED

    @property
    def is_ticking(self) -> bool:
        """Whether its time still runs."""
        return self.execution.status == ExecutionStatus.RUNNING


def row_of(execution: Execution) -> Row:
    """The row of an execution that was read together with its version."""
    params = masking.masked(execution.params, schema=execution.version.params_schema)
    return Row(
        execution=execution,
        subject=sentences.subject_of(params) or "",
        outcome=_OUTCOMES[ExecutionStatus(execution.status)](execution),
        took=_took(execution),
    )


def _took(execution: Execution) -> timedelta | None:
    if execution.first_started_at is None or execution.finished_at is None:
        return None
    return execution.finished_at - execution.first_started_at


def _queued(execution: Execution) -> str:
    return "Waiting for a worker"


def _running(execution: Execution) -> str:
    if execution.cancel_requested_at is not None:
        return "Asked to stop"
    if execution.max_attempts == 1:
        return "Running its only attempt"
    return f"Attempt {execution.attempt_count} of {execution.max_attempts}"


def _retrying(execution: Execution) -> str:
    attempts = f"attempt {execution.attempt_count} of {execution.max_attempts} failed"
    return f"{_message(execution)}; {attempts}, next at {clock(execution.run_at)}"


def _succeeded(execution: Execution) -> str:
    schema = execution.version.result_schema
    result = masking.masked(execution.result, schema=schema)
    return brief(result, names_first=schema.get("required", []))


def _failed(execution: Execution) -> str:
    return _message(execution)


def _cancelled(execution: Execution) -> str:
    if execution.attempt_count == 0:
        return "Stopped before it began"
    return f"Stopped after {execution.attempt_count} of {execution.max_attempts} attempts"


_OUTCOMES = {
    ExecutionStatus.QUEUED: _queued,
    ExecutionStatus.RUNNING: _running,
    ExecutionStatus.RETRYING: _retrying,
    ExecutionStatus.SUCCEEDED: _succeeded,
    ExecutionStatus.FAILED: _failed,
    ExecutionStatus.CANCELLED: _cancelled,
}


def brief(result: JSON, *, names_first: Sequence[str] = ()) -> str:
    """A result in a few words: its first plain fields, or its size."""
    if not isinstance(result, dict):
        return "Returned nothing" if result is None else _plain(result)
    plain = [
        f"{name} {_plain(result[name])}"
        for name in in_order(result, names_first)
        if not _is_nested(result[name])
    ]
    return ", ".join(plain[:MAX_RESULT_FIELDS])


def _is_nested(value: JSON) -> bool:
    return isinstance(value, dict | list) or value is None


def _plain(value: JSON) -> str:
    if isinstance(value, dict | list):
        return f"{len(value)} entries"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…"


def _message(execution: Execution) -> str:
    error = execution.error or {}
    return str(error.get("message") or execution.error_code)
