"""Why a step cannot begin, and its end with an error like those of executions.

Floor 4.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from actions.errors import FieldProblem, misfit
from actions.expressions import ExpressionFailed
from actions.jsontypes import JSONObject
from workflows.models import Run, Step
from workflows.runs.passage import Passage
from workflows.states import StepStatus


class StepRefused(Exception):
    """A step cannot begin; it fails, for good."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class StepBlocked(Exception):
    """A step cannot begin until its action can be executed; it waits for that."""

    def __init__(self, reason: str, *, action: str) -> None:
        super().__init__(f"{action}: {reason}")
        self.reason, self.action = reason, action


@contextmanager
def failing(passage: Passage, run: Run, step: Step) -> Iterator[None]:
    """Let the step fail if it cannot begin, or one of its expressions cannot be evaluated.

    Without its action it waits.
    """
    try:
        yield
    except ExpressionFailed as failed:
        fail(passage, run, step, code="expression_failed", message=str(failed))
    except StepBlocked as blocked:
        passage.begin(
            run, step, StepStatus.WAITING, reason=blocked.reason, blocked_on=blocked.action
        )
    except StepRefused as refused:
        fail(passage, run, step, code=refused.code, message=str(refused))


def check_params(problems: Sequence[FieldProblem], *, of: str) -> None:
    """Raise StepRefused for params that break a schema."""
    if problems:
        raise StepRefused("params_invalid", misfit(problems, of=of))


def fail(passage: Passage, run: Run, step: Step, *, code: str, message: str) -> None:
    """End a step that could not even begin, or whose time is up."""
    passage.end(run, step, StepStatus.FAILED, error=error_of(code=code, message=message))


def error_of(*, code: str, message: str) -> JSONObject:
    """An error of a step that no action has raised."""
    return {
        "type": "StepFailed",
        "code": code,
        "message": message,
        "retriable": False,
        "outcome": "none",
        "details": None,
        "attempt": 0,
    }
