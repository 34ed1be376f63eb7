"""The concurrency keys of workflows: what they are, and who holds the places of one.

Floor 4. Of the runs of one workflow and one key only so many may go on at once; the others are queued
until `admission` lets them begin.
"""

import hashlib

from django.db import connection

from actions import expressions
from workflows import values
from workflows.definition import ConcurrencyKey
from workflows.definition.definition import OnConflict
from workflows.definition.scope import RUN_STARTS
from workflows.errors import ConcurrencyKeyHeld
from workflows.models import Run
from workflows.plan import Plan
from workflows.states import RunStatus


def key_of(plan: Plan, said: ConcurrencyKey, params: object) -> str:
    """The key of a run with these whole params; raises ExpressionFailed."""
    entered = expressions.entered(plan.definition.params_schema, params)
    value = plan.evaluate(said.key, {"params": entered}, names=RUN_STARTS)
    return values.concurrency_key(said.key, value)


def on_conflict(plan: Plan) -> OnConflict:
    """What becomes of a run that finds no place free."""
    said = plan.definition.concurrency_key
    return said.on_conflict if said is not None else "queue"


def is_held_up(run: Run) -> bool:
    """Whether it waits for a place, and nobody has told it to end."""
    is_told = run.cancel_requested_at is not None or run.error is not None
    return run.status == RunStatus.QUEUED and not is_told


def lock(workflow: str, key: str) -> None:
    """Let nobody else count the places of that key until the caller's transaction ends."""
    digest = hashlib.sha256(f"{workflow}\n{key}".encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], signed=True)]
        )


def has_room(workflow: str, key: str, *, limit: int) -> bool:
    """Whether a key of which a run may take one of so many places has one, and nobody waits for it.

    Until the caller's transaction ends nobody else is told so.
    """
    lock(workflow, key)
    others = Run.objects.of_key(workflow, key)
    return not others.in_queue().exists() and others.holding().count() < limit


def check_room(run: Run) -> None:
    """Raise ConcurrencyKeyHeld if others have all the places of a run that has not begun.

    Until the caller's transaction ends nobody else is told that there is room.
    """
    if run.concurrency_key is None or run.concurrency_limit is None:
        return
    lock(run.workflow_name, run.concurrency_key)
    others = list(Run.objects.of_key(run.workflow_name, run.concurrency_key))
    if len(others) >= run.concurrency_limit:
        first = others[0]
        raise ConcurrencyKeyHeld(
            f"{first.shown_id} has the concurrency key {run.concurrency_key} of "
            f"{run.workflow_name} and is {first.status}; wait for its end, or cancel it."
        )
