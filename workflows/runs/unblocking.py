"""Go on where steps have waited for an action that was missing or disabled.

Floor 4.
"""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from actions.executions import followers
from actions.models import Action
from workflows.models import Run, Step
from workflows.runs import blocked, calls, handlers, maps
from workflows.runs.advance import on_locked_runs
from workflows.runs.passage import Passage
from workflows.states import StepStatus

# So many steps go on in one transaction.
BATCH = 100


def unblock(*, action: str) -> None:
    """Begin the oldest of the steps that wait for an action, and ask for the rest.

    Nothing if it cannot be executed after all.
    """
    with transaction.atomic():
        if calls.obstacle_of(Action.objects.by_name(action)) is not None:
            return
        waiting = list(Step.objects.blocked_on([action])[:BATCH])
        with on_locked_runs({step.run_id for step in waiting}) as passage:
            _begin_all(passage, [step.id for step in waiting], action=action)
        if len(waiting) == BATCH:
            followers.wake_for(blocked.ask([action]))


def _begin_all(passage: Passage, ids: Collection[UUID], *, action: str) -> None:
    """As the steps are now that their runs are locked."""
    for step in Step.objects.blocked_on([action]).filter(id__in=ids):
        _begin(passage, passage.runs[step.run_id], step)


def _begin(passage: Passage, run: Run, step: Step) -> None:
    step.status, step.reason, step.blocked_on = StepStatus.PENDING, "", ""
    passage.change(step)
    if step.element is not None:
        maps.unblock(passage, run, step)
        return
    passage.know([step])
    if step.is_handler:
        handlers.call(passage, run, step)
    else:
        passage.ready.append((run, step))
