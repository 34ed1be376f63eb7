"""One run as a row of a list: what, for whom, and how it stands, in two lines.

Floor 5, a door.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from actions import sentences
from actions.templatetags import look as looks
from workflows.models import Run, Step
from workflows.states import RunStatus
from workflows.web.runs.phrases import outcome_of


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRow:
    """What a list says about one run; `outcome` is its second line."""

    run: Run
    look: str
    word: str
    subject: str
    outcome: str

    @property
    def is_failure(self) -> bool:
        """Whether the second line is the cause of a failure."""
        return self.run.status == RunStatus.FAILED

    @property
    def took(self) -> timedelta | None:
        """From its start to its end."""
        begun, ended = self.run.started_at, self.run.finished_at
        return ended - begun if begun and ended else None


def look_of(run: Run) -> tuple[str, str]:
    """The mark of a run: how it is drawn, and its word."""
    return looks.look_of(run.status), run.status


def rows_of(runs: Sequence[Run]) -> list[RunRow]:
    """The rows of runs that were read with their versions; one query for what they wait for."""
    living = [run.id for run in runs if not run.has_ended]
    active: dict[UUID, list[Step]] = {}
    for step in Step.objects.active(living) if living else ():
        active.setdefault(step.run_id, []).append(step)
    return [_row(run, active.get(run.id, [])) for run in runs]


def _row(run: Run, active: Sequence[Step]) -> RunRow:
    look, word = look_of(run)
    return RunRow(
        run=run,
        look=look,
        word=word,
        subject=sentences.subject_of(run.params) or "",
        outcome=outcome_of(run, active),
    )
