"""Ask for the engine's own actions, which go on with runs.

Floor 4.
"""

from datetime import datetime

from actions.actors import SYSTEM, Actor
from actions.executions import accept, terms
from actions.executions.wish import Wish
from actions.jsontypes import JSONObject
from actions.models import Action, Execution
from workflows.runs import writing


def wish(
    action: Action | None,
    *,
    name: str,
    params: JSONObject,
    by: Actor = SYSTEM,
    at: datetime | None = None,
) -> Wish:
    """An execution of an internal action, due then or at once; raises LookupError without it."""
    if action is None or action.current_id is None:
        raise LookupError(f"The internal action {name} is not in the catalogue; run migrate.")
    version = terms.version(action.current_id)
    return Wish(action=action, version=version, params=params, by=by, run_at=at)


def ask(name: str, *, params: JSONObject, at: datetime | None = None) -> Execution:
    """Store one in the caller's transaction; whom to wake is the caller's to know."""
    asked_for = wish(Action.objects.by_name(name), name=name, params=params, at=at)
    (execution,), asked = accept.asked_for([asked_for])
    writing.write(writing.Rows(executions=asked))
    return execution
