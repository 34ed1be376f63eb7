"""The sentence of an execution's page, from its record.

Floor 5, a door.
"""

from collections.abc import Sequence

from django.utils import timezone

from actions.executions.waiting import Waiting
from actions.models import Execution, ExecutionEvent
from actions.sentences import ExecutionFacts, Sentence, execution_sentence
from actions.states import Effect, EventType, ExecutionStatus
from actions.web.executions.record import Record


def wording_of(record: Record, waiting: Waiting | None) -> Sentence:
    """What the execution came to, in one sentence."""
    execution = record.execution
    error = execution.error or {}
    stop = _stop(record.events)
    return execution_sentence(
        ExecutionFacts(
            action=execution.action_name,
            status=ExecutionStatus(execution.status),
            now=timezone.now(),
            params=record.params,
            effect=Effect(execution.version.effect),
            attempt_count=execution.attempt_count,
            max_attempts=execution.max_attempts,
            queued_at=execution.queued_at,
            run_at=execution.run_at,
            started_at=execution.started_at,
            finished_at=execution.finished_at,
            took_seconds=record.took.total_seconds() if record.took else None,
            error=str(error.get("message", "")),
            error_code=execution.error_code,
            is_outcome_unknown=error.get("outcome") == "unknown",
            has_one_cause=_has_one_cause(record),
            cancel_requested_at=execution.cancel_requested_at,
            cancelled_by=stop.actor_label if stop else "",
            reason=str(stop.data.get("reason", "")) if stop else "",
            waits_for=waiting.sentence if waiting and waiting.needs_help else "",
        )
    )


def announcement(execution: Execution, sentence: Sentence) -> str:
    """What is said aloud when the page changes by itself."""
    return f"{execution.shown_id}: {sentence.text}"


def _has_one_cause(record: Record) -> bool:
    causes = {
        (row.attempt.error or {}).get("message")
        for row in record.attempts
        if row.attempt.error is not None
    }
    return len(causes) <= 1


def _stop(events: Sequence[ExecutionEvent]) -> ExecutionEvent | None:
    """The event of the one who asked to stop it; a worker's own report is not that."""
    kinds = (EventType.CANCEL_REQUESTED, EventType.CANCELLED)
    asked = (event for event in events if event.type in kinds and event.actor_kind != "system")
    return next(asked, None)
