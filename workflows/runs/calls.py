"""Ask for the execution of a step, or of one element of a map.

Floor 4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from actions import limits
from actions.actors import Actor
from actions.executions import terms
from actions.executions.params import problems_of
from actions.executions.wish import Placed, Wish
from actions.jsontypes import JSONObject
from actions.masking import Hidden
from actions.models import Action
from workflows import reasons, values
from workflows.definition import ActionStep, MapStep
from workflows.definition.scope import ELEMENT, STEP
from workflows.models import Run, Step
from workflows.plan import Plan
from workflows.runs import internal, veils
from workflows.runs.passage import Passage
from workflows.runs.refusals import StepBlocked, check_params
from workflows.states import StepStatus

WAIT, DEADLINE, ADMIT = "actionsite.wait", "actionsite.deadline", "actionsite.admit"


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """The params of a step; `secrets` are the parts that stay sealed, whatever its schema marks.

    `shown` are its variables with the masks of what is sealed; None if nothing is.
    """

    params: Any
    secrets: Sequence[Hidden] = ()
    shown: Mapping[str, Any] | None = None


def execute(
    passage: Passage, run: Run, step: Step, *, given: Given, variables: Mapping[str, Any]
) -> None:
    """Ask for the action of a step; raises StepRefused if it takes no such params, StepBlocked."""
    plan = passage.plan(run)
    definition = plan.step(step.name)
    assert isinstance(definition, ActionStep | MapStep)  # noqa: S101  # the others call no action
    action = available(passage, definition.call.name)
    wish = Wish(
        action=action,
        version=terms.version(action.current_id or 0),
        params=given.params,
        sealed_before=given.secrets,
        by=actor_of(run),
        step=Placed(
            run_id=run.id,
            step_id=step.id,
            overrides=_overrides(definition),
            priority=_priority(plan, definition, variables),
            limit_name=_limit_name(plan, definition, variables, shown=given.shown),
        ),
        downstream_key=veils.told(
            partial(_key, plan, definition, run=run, step=step),
            variables,
            shown=given.shown,
            name=f"{run.workflow_name} {step.name}",
        ),
    )
    check_params(problems_of(wish), of=f"the action {action.name}")
    passage.begin(run, step, StepStatus.QUEUED)
    passage.wish(wish, step=step)


def wait(passage: Passage, run: Run, step: Step, *, until: datetime) -> None:
    """Ask for the internal action that does nothing, due when the wait is over."""
    step.wake_at = until
    passage.begin(run, step, StepStatus.QUEUED, reason=reasons.TIME)
    wish = _internal(passage, WAIT, run=run, params={}, at=max(until, passage.now))
    passage.wish(replace(wish, step=Placed(run_id=run.id, step_id=step.id)), step=step)


def limit(
    passage: Passage, run: Run, step: Step | None, *, seconds: float | None, opening: int = 0
) -> None:
    """Ask for a look at a step, or at the whole run, when its time is up.

    `opening` says how often the run has been opened again; the look is of no use after the next time.
    """
    if seconds is None:
        return
    at = passage.now + timedelta(seconds=seconds)
    about: JSONObject = {"run": run.shown_id}
    if step is not None:
        step.wake_at = at
        about |= {"step": str(step), "generation": step.generation}
    else:
        about |= {"generation": opening}
    passage.wish(_internal(passage, DEADLINE, run=run, params=about, at=at))


def admit(passage: Passage, run: Run) -> None:
    """Ask that those runs begin for which there are places of this run's concurrency key."""
    about: JSONObject = {"workflow": run.workflow_name, "key": run.concurrency_key}
    passage.wish(_internal(passage, ADMIT, run=run, params=about))


def _internal(
    passage: Passage, name: str, *, run: Run, params: JSONObject, at: datetime | None = None
) -> Wish:
    return internal.wish(passage.action(name), name=name, params=params, by=actor_of(run), at=at)


def actor_of(run: Run) -> Actor:
    """The run as the one who asks for something."""
    label = f"{run.workflow_name} ({run.shown_id})"
    return Actor(kind="run", id=run.shown_id, label=label, trace_id=run.trace_id)


def _overrides(definition: ActionStep | MapStep) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if definition.retry is not None:
        said["retry"] = definition.retry.as_dict()
    if definition.timeout_seconds is not None:
        said["timeout_seconds"] = definition.timeout_seconds
    return said


def _priority(
    plan: Plan, definition: ActionStep | MapStep, variables: Mapping[str, Any]
) -> int | None:
    said = definition.priority
    if not isinstance(said, str):
        return said
    return values.priority(said, plan.evaluate(said, variables))


def _limit_name(
    plan: Plan,
    definition: ActionStep | MapStep,
    variables: Mapping[str, Any],
    *,
    shown: Mapping[str, Any] | None,
) -> str:
    """Under which name the step is counted beside its action; empty without a concurrency key."""
    said = definition.concurrency_key
    if said is None:
        return ""

    def key_of(seen: Mapping[str, Any]) -> str:
        return values.concurrency_key(said.key, plan.evaluate(said.key, seen))

    workflow = plan.definition.workflow
    key = veils.told(key_of, variables, shown=shown, name=workflow)
    return limits.step_name(workflow, key, allowed=said.limit)


def _key(
    plan: Plan,
    definition: ActionStep | MapStep,
    variables: Mapping[str, Any],
    *,
    run: Run,
    step: Step,
) -> str:
    """What the step sends downstream: its own, or one that is the same for every repeat of it."""
    if step.downstream_key:
        return step.downstream_key
    if definition.idempotency_key is None:
        return f"{run.shown_id}:{step}:{step.generation}"
    names = ELEMENT if isinstance(definition, MapStep) else STEP
    key = plan.evaluate(definition.idempotency_key, variables, names=names)
    return values.idempotency_key(definition.idempotency_key, key)


def available(passage: Passage, name: str) -> Action:
    """The action of that name; raises StepBlocked while it is not there, or disabled."""
    action = passage.action(name)
    if obstacle_of(action) is not None:
        action = passage.action_for_sure(name)
    obstacle = obstacle_of(action)
    if action is None or obstacle is not None:
        raise StepBlocked(obstacle or reasons.ACTION_MISSING, action=name)
    return action


def obstacle_of(action: Action | None) -> str | None:
    """Why an action cannot be executed, a word of `reasons`; None if it can."""
    if action is None or action.current_id is None:
        return reasons.ACTION_MISSING
    return None if action.is_enabled else reasons.ACTION_DISABLED
