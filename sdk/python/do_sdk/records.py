"""What the API answers, as values, and the errors that carry one. Floor: core, pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from do_sdk.errors import DoError

Entry = TypeVar("Entry")
CANCELLED = "cancelled"
ENDED = frozenset({"succeeded", "failed", CANCELLED})


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionError:
    """How an action failed, in its own words. `code` is for programs, `message` for people.

    `code` is "cancelled" if somebody has stopped it. `outcome` is "unknown" if nobody can say whether the effect happened.
    """

    code: str
    message: str
    type: str | None = None
    retriable: bool | None = None
    outcome: str | None = None
    details: Any = None
    attempt: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RunError:
    """Why a run failed, and in which step; `step` is None if in none.

    `code` is "cancelled" if somebody has stopped it.
    """

    code: str
    message: str
    step: str | None = None
    attempt: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What the service has accepted, as it stood when it was answered; `body` is the whole answer.

    `replayed` says that the answer came from the record of an earlier request with this key, which
    may be an earlier try of the same call. `request_id` is that of the answer. `error` is set for
    all that has ended and did not succeed, also for what was cancelled.
    """

    id: str
    status: str
    result: Any
    error: ActionError | RunError | None
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
        """Whether it will not change any more by itself."""
        return self.status in ENDED

    def unwrap(self) -> Any:
        """Return the result; raise ActionFailed, RunFailed, or Pending if it has not ended."""
        if self.ok:
            return self.result
        if not self.is_ended:
            raise Pending(self)
        raise RunFailed(self) if isinstance(self, Run) else ActionFailed(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Execution(Record):
    """One execution of an action."""

    action: str
    error: ActionError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of a run; `body` is all that is told of it.

    `execution` and `run` are the ids of what it has led to. `question` is what an approval asks.
    """

    name: str
    kind: str
    status: str
    execution: str | None
    run: str | None
    question: str | None
    body: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Run(Record):
    """One run of a workflow; a list tells no steps, and no keys."""

    workflow: str
    error: RunError | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RerunStep:
    """What a re-run would do with one step: `verdict` is execute, reuse, skip or blocked."""

    name: str
    verdict: str
    why: str
    body: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class RerunPreview:
    """What a re-run would do; its `digest` confirms that. `body` is the whole answer."""

    run: str
    digest: str
    needs_reason: bool
    steps: tuple[RerunStep, ...]
    body: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One line of a log; `body` is the whole answer.

    `attempt` is told of executions, `step` of runs.
    """

    seq: int
    type: str
    at: str
    attempt: int | None
    step: str | None
    data: Mapping[str, Any]
    body: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page(Generic[Entry]):
    """Some entries of a list; `next_cursor` asks for those that follow, None if none do."""

    entries: tuple[Entry, ...]
    next_cursor: str | None


class Pending(DoError):
    """It is accepted and has not ended in the time given; it goes on without you.

    `record` is how it stood. `handle` waits for it, follows it or cancels it: a Handle from Do, an
    AsyncHandle from AsyncDo. It is None if `unwrap()` has raised this, for a record knows no
    service, and in a copy or a pickle.
    """

    handle: Any | None = None

    def __init__(self, record: Record, *, key: str | None = None) -> None:
        super().__init__(
            f"{record.id} is {record.status} and did not end in the time given; wait for it "
            "with .handle, or send the call again with the same key.",
            code="pending",
            status=202,
            request_id=record.request_id,
            key=key or record.key,
        )
        self.record = record

    def _kept(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "handle"}


class Failed(DoError):
    """What `unwrap()` raises for what did not succeed; `record` has all of it."""

    def __init__(self, record: Record) -> None:
        error = record.error
        code, said = (error.code, error.message) if error else (record.status, "it has no result.")
        own = "" if code == record.status else f"{code}: "
        super().__init__(
            f"{_name_of(record)} ({record.id}) {record.status}: {own}{said}",
            code=code,
            request_id=record.request_id,
            key=record.key,
        )
        self.record = record


class ActionFailed(Failed):
    """An execution did not succeed."""


class RunFailed(Failed):
    """A run did not succeed."""


def _name_of(record: Record) -> str:
    return str(record.body.get("workflow") or record.body.get("action"))
