"""What a workflow is, once its document has been read.

Floor 1, pure.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from actions import canonical
from actions.jsontypes import JSON, JSONObject
from workflows.definition.steps import Call, ConcurrencyKey, Step

OnFailure = Literal["stop", "continue"]
OnConflict = Literal["queue", "cancel", "reject"]
RunEnd = Literal["failed", "cancelled"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RunConcurrencyKey(ConcurrencyKey):
    """The same for runs, and what happens to a new run where no place is free.

    `queue` lets it wait, `cancel` cancels the oldest that holds a place, `reject` refuses it.
    """

    on_conflict: OnConflict = "queue"


@dataclass(frozen=True, kw_only=True, slots=True)
class Definition:
    """One version of a workflow; `document` is what it was made of, as it is stored.

    After a failed step a run starts nothing new (`stop`), or goes on where nothing hinders it. The
    failure handler is called once for a run that fails. Runs that end in one of `compensate_after`
    have their steps compensated, the last that has succeeded first. `result` is a template.
    """

    document: JSONObject = field(repr=False)
    workflow: str
    steps: Mapping[str, Step]
    description: str = ""
    params_schema: JSONObject = field(default_factory=dict)
    on_failure: OnFailure = "stop"
    failure_handler: Call | None = None
    compensate_after: tuple[RunEnd, ...] = ("failed",)
    timeout_seconds: float | None = None
    concurrency_key: RunConcurrencyKey | None = None
    result: JSON = None

    @property
    def digest(self) -> str:
        """Changes whenever anything of the document does, its order and spelling aside."""
        return digest_of(self.document)


def digest_of(document: JSONObject) -> str:
    """The digest of a document that need not be valid."""
    return hashlib.sha256(canonical.canonical(document)).hexdigest()
