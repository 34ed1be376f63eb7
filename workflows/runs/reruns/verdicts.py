"""What a re-run would do with each step.

Floor 4.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from actions import canonical
from actions.jsontypes import JSONObject
from workflows.models import Run, WorkflowVersion
from workflows.runs.reruns.params import ParamChange

What = Literal["from_failed", "from_step", "whole"]


class Verdict(StrEnum):
    """What becomes of a step."""

    EXECUTE = "execute"
    REUSE = "reuse"
    SKIP = "skip"
    BLOCKED = "blocked"


@dataclass(frozen=True, kw_only=True, slots=True)
class RerunWish:
    """Which run again, from where, in which version, with which params.

    `version` is None for that of the old run; `params` None for those of the old run.
    """

    run: Run
    what: What
    step: str | None = None
    version: WorkflowVersion | None = None
    params: JSONObject | None = None
    reason: str = ""

    def as_json(self, digest: str) -> JSONObject:
        """What its confirmation says, to tell it from another; version and params are in the digest."""
        said: JSONObject = {"what": self.what, "step": self.step, "reason": self.reason}
        return {"rerun": said | {"digest": digest}}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One step of the re-run.

    `source` is the execution whose result is reused, `source_run` the sub-run or else the run in
    which the step succeeded, and `ended_at` when. `params` are what it will be called with, masked,
    where that is known already. A conditional one waits for steps that are executed: it may not
    begin, and one to be executed may be skipped then. `repeats` says that its action has been called
    before. Of a map, `element_count` is 0 where it is not known yet how many elements it will have.
    So many keys go downstream again as `kept_key_count` says: those of calls of which nobody knows
    what they did.
    """

    step: str
    verdict: Verdict
    why: str
    effect: str = ""
    source: UUID | None = None
    source_run: UUID | None = None
    ended_at: datetime | None = None
    params: Any = None
    is_conditional: bool = False
    repeats: bool = False
    element_count: int = 0
    reused_count: int = 0
    kept_key_count: int = 0

    def as_said(self) -> JSONObject:
        """All that it says but for ages."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        said |= {"source": str(self.source), "source_run": str(self.source_run)}
        return said | {"verdict": str(self.verdict), "ended_at": None}


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """What a re-run would do; `digest` changes with anything of it but ages.

    `given` are the params with which it would begin, secrets too, and `changes` what of them is not
    as in the old run.

    `superseded_by` is the last run that was made of the old one already.
    """

    wish: RerunWish
    version: WorkflowVersion
    entries: tuple[Entry, ...]
    needs_reason: bool = False
    superseded_by: UUID | None = None
    given: JSONObject = field(default_factory=dict)
    changes: tuple[ParamChange, ...] = ()

    @property
    def digest(self) -> str:
        """What a confirmation of this preview says."""
        about = {
            "run": str(self.wish.run.id),
            "what": self.wish.what,
            "step": self.wish.step,
            "version": self.version.id,
            "params": self.wish.params,
            "changes": [asdict(one) for one in self.changes],
            "entries": [entry.as_said() for entry in self.entries],
            "needs_reason": self.needs_reason,
            "superseded_by": str(self.superseded_by),
        }
        return hashlib.sha256(canonical.canonical(about)).hexdigest()

    @property
    def blocked(self) -> tuple[Entry, ...]:
        """The steps for which it cannot be done."""
        return tuple(entry for entry in self.entries if entry.verdict == Verdict.BLOCKED)

    @property
    def settled(self) -> Mapping[str, Verdict]:
        """What becomes of the steps that wait for none which is executed, nor are so themselves."""
        return {
            entry.step: entry.verdict
            for entry in self.entries
            if entry.verdict in (Verdict.REUSE, Verdict.SKIP) and not entry.is_conditional
        }
