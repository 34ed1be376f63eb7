"""What the API answers, as values, and the two errors that carry one. Floor: core, pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from do_sdk.errors import DoError

ENDED = frozenset({"succeeded", "failed", "cancelled"})


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionError:
    """How an action failed, in its own words. `code` is for programs, `message` for people.

    `outcome` is "unknown" if nobody can say whether the effect happened.
    """

    code: str
    message: str
    type: str | None = None
    retriable: bool | None = None
    outcome: str | None = None
    details: Any = None
    attempt: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Execution:
    """One execution as it stood when it was answered; `body` is the whole answer.

    `replayed` says that the answer came from the record of an earlier request with this key, which
    may be an earlier try of the same call. `request_id` is that of the answer.
    """

    id: str
    action: str
    status: str
    result: Any
    error: ActionError | None
    replayed: bool
    key: str | None
    request_id: str | None
    body: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        """Whether it has succeeded."""
        return self.status == "succeeded"

    @property
    def is_ended(self) -> bool:
        """Whether it will not change any more."""
        return self.status in ENDED

    def unwrap(self) -> Any:
        """Return the result; raise ActionFailed, or Pending if it has not ended."""
        if self.ok:
            return self.result
        raise ActionFailed(self) if self.is_ended else Pending(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One line of an execution's log; `body` is the whole answer."""

    seq: int
    type: str
    at: str
    attempt: int | None
    data: Mapping[str, Any]
    body: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Some executions of a list; `next_cursor` asks for those that follow, None if none do."""

    entries: tuple[Execution, ...]
    next_cursor: str | None


class Pending(DoError):
    """The execution is accepted and has not ended in the time given; it goes on without you.

    `execution` is how it stood. `handle` waits for it, follows it or cancels it: a Handle from Do,
    an AsyncHandle from AsyncDo.
    """

    handle: Any

    def __init__(self, execution: Execution) -> None:
        super().__init__(
            f"{execution.id} is {execution.status} and did not end in the time given; wait for it "
            "with .handle, or send the call again with the same key.",
            code="pending",
            status=202,
            request_id=execution.request_id,
            key=execution.key,
        )
        self.execution = execution


class ActionFailed(DoError):
    """What `unwrap()` raises for an execution that did not succeed; `execution` has all of it."""

    def __init__(self, execution: Execution) -> None:
        error = execution.error
        said = f"{error.code}: {error.message}" if error else "it has no result."
        super().__init__(
            f"{execution.action} ({execution.id}) {execution.status}: {said}",
            code=error.code if error else execution.status,
            request_id=execution.request_id,
            key=execution.key,
        )
        self.execution = execution
