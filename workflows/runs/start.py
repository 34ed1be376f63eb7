"""Accept a request to run a workflow.

Floor 4.
"""

from datetime import datetime

from django.db import transaction

from actions.actors import Actor
from actions.errors import ParamsInvalid, misfit
from actions.executions import followers
from actions.jsontypes import JSONObject
from workflows.models import Run, WorkflowVersion
from workflows.runs import making, plans, reading
from workflows.runs.advance import go_on
from workflows.runs.making import RunWish
from workflows.runs.passage import Passage


def start(
    *,
    version: WorkflowVersion,
    params: JSONObject,
    by: Actor,
    metadata: JSONObject | None = None,
    waited_until: datetime | None = None,
) -> Run:
    """Start a run of that version; when it returns, the run is durable and its workers are woken.

    Raises ParamsInvalid, and nothing is stored.
    """
    wish = RunWish(
        version=version,
        params=params,
        by=by,
        metadata=metadata or {},
        waited_until=waited_until,
    )
    check(wish)
    return launch(wish)


def check(wish: RunWish) -> None:
    """Raise ParamsInvalid for params that break the schema of the run's version."""
    problems = making.problems_of(wish)
    if problems:
        name = wish.version.workflow.name
        raise ParamsInvalid(misfit(problems, of=f"the workflow {name}"), errors=problems)


def launch(wish: RunWish) -> Run:
    """Make the run, whose params have been checked, and begin it, in one transaction."""
    with transaction.atomic():
        may_begin = making.has_place(wish)
        now, actions = reading.moment(actions=plans.actions_of([plans.of(wish.version.id)]))
        passage = Passage((), now=now)
        passage.know_actions(actions)
        run = making.make(passage, wish, may_begin=may_begin)
        go_on(passage)
        followers.wake_for(passage.lanes)
    return run
