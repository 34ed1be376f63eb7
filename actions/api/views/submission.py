"""From what a body asks for to a submission. Floor 5."""

from datetime import datetime
from typing import Any

from actions import executions
from actions.actors import Actor
from actions.api.views.refusals import placed_in_body
from actions.executions import Submission

_WISHES = ("on_conflict", "on_failed", "allow_unknown_outcome", "metadata")


def submitted(
    action: str,
    asked: dict[str, Any],
    *,
    by: Actor,
    key: str | None,
    waited_until: datetime | None = None,
) -> Submission:
    """Submit what a body with the members of EXECUTE asks for; raises the refusals of `submit`."""
    wishes = {wish: asked[wish] for wish in _WISHES if wish in asked}
    with placed_in_body():
        return executions.submit(
            action=action,
            params=asked.get("params", {}),
            by=by,
            key=key,
            waited_until=waited_until,
            **wishes,
        )
