"""A request to run an action, as it came.

Floor 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

from actions import masking
from actions.actors import Actor
from actions.jsontypes import JSONObject
from actions.masking import Hidden
from actions.models import Action, ActionVersion, Execution

OnConflict = Literal["attach", "fail"]
OnFailed = Literal["replay", "retry"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeats:
    """What the caller wishes if its key stands for something already.

    What has not ended is attached to, or the request is refused; a failure is answered again, or
    followed by a new try, also after one whose outcome is unknown if that is allowed.
    """

    on_conflict: OnConflict = "attach"
    on_failed: OnFailed = "replay"
    allow_unknown_outcome: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """The step that wants it, and what it says instead of the action.

    `limit_name` is the name under which the step is limited beside the action (`limits.step_name`);
    empty if it is not.
    """

    run_id: UUID
    step_id: UUID
    overrides: dict[str, Any] = field(default_factory=dict)
    priority: int | None = None
    limit_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A request as it came, before it is known whether it is a new one."""

    action: Action
    version: ActionVersion
    params: JSONObject
    by: Actor
    key: str | None = None
    repeats: Repeats = field(default_factory=Repeats)
    metadata: JSONObject | None = None
    waited_until: datetime | None = None
    rerun_of: Execution | None = None
    step: Placed | None = None
    # When it is due at the soonest; at once if that is not said.
    run_at: datetime | None = None
    downstream_key: str | None = None
    # What was sealed in the params of the execution that this one repeats: it stays so.
    sealed_before: Sequence[Hidden] = ()
    # Action and version are what this process remembers; to store it is to check them.
    is_recalled: bool = False

    @cached_property
    def split(self) -> masking.Split:
        """The params as they may be shown, and the secrets that were taken out of them."""
        return masking.split(self.params, self.marked_schema)

    @property
    def marked_schema(self) -> JSONObject:
        """The schema of the params, which also marks what stays sealed."""
        schema: JSONObject = self.version.params_schema
        return masking.marking(schema, self.sealed_before) if self.sealed_before else schema

    @property
    def references(self) -> list[Hidden]:
        """The references in the params that an attempt resolves: where the version has marks."""
        if not self.sealed_before:
            return self.split.references
        return masking.split(self.params, self.version.params_schema).references
