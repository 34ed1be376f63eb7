"""Send a named event to a run.

Floor 4.
"""

from typing import Any
from uuid import UUID

from actions import masking
from actions.actors import Actor
from actions.errors import FieldProblem, ParamsInvalid
from actions.jsontypes import JSON, JSONObject
from workflows import reasons
from workflows.definition import EventStep
from workflows.errors import RunHasEnded
from workflows.models import Run, RunSignal, Step
from workflows.runs import given, signals
from workflows.runs.advance import on_locked_run
from workflows.runs.keeper import done_before, remember
from workflows.runs.passage import Passage
from workflows.states import RunEventType

MAX_UNTAKEN = 1_000


def send(*, run_id: UUID, name: str, payload: JSON, by: Actor, key: str | None = None) -> Run:
    """Send an event to a run; the first step that waits for it takes it.

    With a `key`, the same call again changes nothing. Raises RunNotFound, RunHasEnded, ParamsInvalid
    for a payload that breaks the schema of a step that takes events of this name,
    IdempotencyKeyReused, and VaultLocked for a payload with secrets while there is no key.
    """
    asked: JSONObject = {"event": {"name": name, "payload": payload}}
    with on_locked_run(run_id) as (passage, run):
        before = done_before(run, key=key, asked=asked, by=by)
        if before is not None:
            return before
        if run.has_ended:
            raise RunHasEnded(f"{run.shown_id} has ended as {run.status}; it takes no events.")
        schema = _schema_of(passage, run, name, payload=payload)
        remember(run, key=key, asked=asked)
        shown, sealed = given.apart(payload, schema, run_id=run.id, place="payload")
        signal = RunSignal.objects.create(
            run=run, name=name, payload=shown, payload_sealed=sealed, actor_label=by.label
        )
        passage.log(run, RunEventType.EVENT_RECEIVED, by=by, facts={"name": name})
        waiting = _waiting_for(passage, run, name)
        if waiting is not None:
            passage.know([waiting])
            signals.take(passage, run, waiting, signal=signal)
    return run


def _schema_of(passage: Passage, run: Run, name: str, *, payload: JSON) -> JSONObject | None:
    """The schema of events of that name, which the payload fits; they have the same in a workflow."""
    steps = passage.plan(run).definition.steps.values()
    takers = [step for step in steps if isinstance(step, EventStep) and step.event == name]
    problems = [one for step in takers for one in masking.misfits(step.payload, payload)]
    if not takers:
        names = sorted({step.event for step in steps if isinstance(step, EventStep)})
        known = f"it takes {', '.join(names)}" if names else "it takes none"
        problems = [
            FieldProblem(pointer="", code="unknown-event", detail=f"No step takes {name}; {known}.")
        ]
    elif RunSignal.objects.untaken_count(run.id) >= MAX_UNTAKEN:
        detail = f"The run has {MAX_UNTAKEN:,} events that no step has taken; it keeps no more."
        problems = [FieldProblem(pointer="", code="too-many-events", detail=detail)]
    if problems:
        raise ParamsInvalid(
            f"The event {name} is refused by {run.shown_id}: {problems[0].detail}", errors=problems
        )
    return takers[0].payload


def _waiting_for(passage: Passage, run: Run, name: str) -> Step | None:
    definition = passage.plan(run).definition
    for step in Step.objects.active([run.id]).order_by("position"):
        if step.reason != reasons.EVENT:
            continue
        asked: Any = definition.steps[step.name]
        if isinstance(asked, EventStep) and asked.event == name:
            return step
    return None
