"""Run an ended execution again, as a new one that is linked to it.

Floor 4. History is never rewritten: the old execution keeps its key and its outcome.
"""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from actions import vault
from actions.actors import Actor
from actions.errors import ExecutionNotFound, NotRerunnable
from actions.executions import commands, events, followers, terms
from actions.executions.submit import accept_without_key
from actions.executions.wish import Wish
from actions.ids import PREFIX_EXECUTION, show
from actions.jsontypes import JSONObject
from actions.models import Execution
from actions.states import Effect, EventType, ExecutionStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class Downstream:
    """The key that a re-run sends to the services it calls, and why that one."""

    key: str | None
    choice: Literal["same", "new"]
    reason: str


def downstream_of_rerun(execution: Execution) -> Downstream:
    """Which key a re-run sends on: the old one only where nobody knows what the old one did."""
    error = execution.error or {}
    if error.get("outcome") == "unknown":
        return Downstream(
            key=execution.downstream_key,
            choice="same",
            reason="its outcome is unknown, so a service that did act will recognise the key",
        )
    was_stopped = execution.status == ExecutionStatus.CANCELLED and execution.attempt_count > 0
    if was_stopped and terms.version(execution.version_id).effect == Effect.EXTERNAL:
        return Downstream(
            key=execution.downstream_key,
            choice="same",
            reason="it was stopped in the middle, so a service that did act will recognise the key",
        )
    return Downstream(
        key=None, choice="new", reason="its outcome is known, so this is a new request to them"
    )


def rerun(
    *,
    execution_id: UUID,
    by: Actor,
    reason: str = "",
    params: JSONObject | None = None,
    key: str | None = None,
) -> Execution:
    """Start a new execution of the same action with the same params, or with others.

    It runs the action's current version; what was sealed in the old params stays sealed, whatever
    that version marks. With a `key`, the same call again returns the execution
    that the first one started, with `is_replay`. Raises NotRerunnable while the old one has not ended, and for one that
    is a step of a run; ParamsInvalid for params that break the schema, ActionDisabled,
    ExecutionNotFound, IdempotencyKeyReused.
    """
    asked: JSONObject = {"rerun": {"params": params, "reason": reason}}
    with commands.in_transaction():
        old = _ended(execution_id)
        if key:
            before = commands.done_before(target=old.shown_id, key=key, asked=asked, by=by)
            if before is not None:
                return _again(before.execution)
        new = accept_without_key(_wish(old, by=by, params=params))
        events.append(
            old.id,
            EventType.RERUN_REQUESTED,
            by=by,
            facts={"execution": new.shown_id, "reason": reason},
        )
        if key:
            commands.remember(target=old.shown_id, key=key, asked=asked, execution=new)
    return new


def _again(made: Execution) -> Execution:
    """What the first of these commands made, as it is now."""
    found = Execution.objects.with_version().get(id=made.id)
    found.is_replay = True
    return found


def _ended(execution_id: UUID) -> Execution:
    """The execution, locked; refused while it has not ended."""
    old = Execution.objects.locked(execution_id)
    if old is None:
        raise ExecutionNotFound(f"There is no execution {show(PREFIX_EXECUTION, execution_id)}.")
    if old.run_id is not None:
        raise NotRerunnable(_of_a_run(old))
    if not old.is_terminal:
        raise NotRerunnable(f"{old.shown_id} is {old.status}; cancel it before re-running it.")
    return old


def _of_a_run(old: Execution) -> str:
    """What to do instead: nothing would go on after a step that is repeated outside its run."""
    names = followers.step_names([old.step_id] if old.step_id is not None else [])
    # An element of a map is tried again with those beside it that failed.
    step = next(iter(names.values()), "").partition("[")[0]
    runs = f"/runs/{old.shown_run_id}"
    instead = f"POST {runs}/rerun runs it again"
    if step and not step.startswith("@"):
        instead = f"POST {runs}/steps/{step}/rerun tries it again there, and {instead} as a new run"
    return f"{old.shown_id} is a step of {old.shown_run_id}. {instead}."


def _wish(old: Execution, *, by: Actor, params: JSONObject | None) -> Wish:
    version = old.action.current
    if version is None:
        raise NotRerunnable(f"The action {old.action_name} has no version that could run.")
    return Wish(
        action=old.action,
        version=version,
        params=vault.params_of(old) if params is None else params,
        by=by,
        sealed_before=vault.hidden_params_of(old),
        metadata=old.metadata,
        rerun_of=old,
        downstream_key=downstream_of_rerun(old).key,
    )
