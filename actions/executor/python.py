"""Run an action that is a Python function, and say how it went.

Floor 3. Whatever the function does, one of three values comes back; only an interruption passes
through, since what it interrupts may be the caller's database connection.
"""

import asyncio
import json
import os
import sys
from dataclasses import dataclass, field
from decimal import localcontext
from typing import Any

from actions import canonical, masking, schema
from actions.backoff import Failure
from actions.context import Context
from actions.errors import ActionFailure, Cancelled
from actions.executor.failures import failure_of
from actions.executor.secrets import SecretReader
from actions.executor.storable import text_of
from actions.executor.timer import AttemptInterrupted, AttemptTimedOut, alarm
from actions.jsontypes import JSON, JSONObject
from actions.masking import Hidden
from actions.registry import ActionSpec
from actions.states import Effect


@dataclass(frozen=True, kw_only=True, slots=True)
class Returned:
    """The body returned what fits the result schema; `result` is JSON text, masked.

    `hidden` is what the masks in it stand for.
    """

    result: str
    hidden: list[Hidden] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class Raised:
    """The body failed, or what it returned cannot be a result."""

    failure: Failure


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped:
    """The body stopped because somebody asked to cancel; by force, it may have acted before."""

    reason: str
    is_forced: bool = False


Went = Returned | Raised | Stopped


@dataclass(kw_only=True, slots=True)
class Body:
    """One call of an action's function: what to call, with what, under which limits.

    `timeout_seconds` and `max_result_bytes` are of this attempt; `result_schema` is the version's.
    """

    spec: ActionSpec
    params: JSONObject
    context: Context
    secrets: SecretReader
    result_schema: JSONObject
    timeout_seconds: float
    max_result_bytes: int
    # Why it cannot even begin.
    obstacle: ActionFailure | None = None
    # Whether it was stopped by force, so that a coroutine's cancellation is told from its own.
    is_stopped: bool = False
    _marked: list[str] | None = field(default=None, init=False, repr=False)

    @property
    def unspeakable(self) -> list[str]:
        """Texts that the record may not show: secrets that were read, and params that are sealed."""
        if self._marked is None:
            self._marked = masking.hidden_texts(self.params, self.spec.params_schema)
        return self.secrets.values + self._marked


def run(body: Body) -> Went:
    """Call a plain function and judge what it returns; raises only timer.AttemptInterrupted."""
    worker_pid, depth = os.getpid(), sys.getrecursionlimit()
    try:
        arguments = _arguments(body)
        # How it rounds is its own affair.
        with localcontext(), alarm.limit(body.timeout_seconds):
            returned = body.spec.function(body.context, **arguments)
    except AttemptInterrupted:
        raise
    except BaseException as error:  # noqa: BLE001  # an action may even raise SystemExit
        return _went_wrong(body, error)
    finally:
        _take_back(worker_pid, depth)
    return _judged(body, returned)


async def run_coroutine(body: Body) -> Went:
    """Await a coroutine function and judge what it returns; raises nothing.

    What it was waiting for when its time was up has been cancelled.
    """
    worker_pid, depth = os.getpid(), sys.getrecursionlimit()
    try:
        arguments = _arguments(body)
        async with asyncio.timeout(body.timeout_seconds) as deadline:
            returned = await body.spec.function(body.context, **arguments)
    except BaseException as error:  # noqa: BLE001  # see run
        if isinstance(error, asyncio.CancelledError) and body.is_stopped:
            return stopped()
        is_late = isinstance(error, TimeoutError) and deadline.expired()
        return timed_out(body) if is_late else _went_wrong(body, error)
    finally:
        _take_back(worker_pid, depth)
    return _judged(body, returned)


def interrupted(body: Body, error: AttemptInterrupted) -> Went:
    """How a body went that was interrupted."""
    return timed_out(body) if isinstance(error, AttemptTimedOut) else stopped()


def timed_out(body: Body) -> Raised:
    """The failure of a body that ran for longer than it may."""
    return Raised(
        failure=Failure(
            code="timeout",
            message=f"{body.spec.name} ran for longer than its {body.timeout_seconds:g} s.",
            type="AttemptTimedOut",
            retriable=None,
            outcome="unknown" if body.spec.effect == Effect.EXTERNAL else "known",
        )
    )


def stopped() -> Stopped:
    """A body that did not stop when it was asked to, and was interrupted."""
    reason = "It did not stop when it was asked to, and was interrupted."
    return Stopped(reason=reason, is_forced=True)


def _arguments(body: Body) -> dict[str, Any]:
    if body.obstacle is not None:
        raise body.obstacle
    return schema.arguments(body.spec.function)(body.params)


def _take_back(worker_pid: int, depth: int) -> None:
    """End a process that the function has forked, and undo what would hinder us at once.

    A copy must not go on as a second worker.
    """
    if os.getpid() != worker_pid:
        os._exit(0)
    if sys.getrecursionlimit() != depth:
        sys.setrecursionlimit(depth)


def _went_wrong(body: Body, error: BaseException) -> Raised | Stopped:
    if isinstance(error, schema.ArgumentsInvalid):
        first = error.problems[0]
        told = masking.told_problem(first, value=body.params, schema=body.spec.params_schema)
        return _unusable(body, "params_invalid", f"{told.pointer or 'The params'}: {told.detail}")
    if isinstance(error, Cancelled):
        return Stopped(reason=error.message)
    failure = failure_of(
        error,
        effect=body.spec.effect,
        is_repeatable=body.spec.repeatable,
        secrets=body.unspeakable,
    )
    return Raised(failure=failure)


def _judged(body: Body, returned: Any) -> Returned | Raised:
    secrets = body.unspeakable
    try:
        whole = schema.encoder(body.spec.function)(returned)
        value = masking.scrubbed(whole, secrets) if secrets else whole
    except schema.ResultInvalid as wrong:
        told = masking.told_problem(wrong.problem, value=wrong.value, schema=body.result_schema)
        return _unusable(body, "result_invalid", canonical.told(told))
    except ValueError as wrong:
        return _unusable(body, "result_invalid", str(wrong))
    except BaseException as wrong:  # noqa: BLE001  # a result may even raise while it is read
        message = f"The result cannot be read: it raises {type(wrong).__name__:.100}."
        return _unusable(body, "result_invalid", message)
    split = masking.split(value, body.result_schema)
    text = _text(value)
    size = len(text.encode())
    if size > body.max_result_bytes:
        advice = "store it elsewhere and return a reference"
        message = f"The result has {size:,} bytes of at most {body.max_result_bytes:,}; {advice}."
        return _unusable(body, "result_too_large", message)
    # A mask need not fit where what it stands for does.
    problems = masking.misfits(body.result_schema, whole)
    if problems:
        place = problems[0].pointer or "the result"
        return _unusable(body, "result_invalid", f"At {place}: {problems[0].detail}")
    shown = _text(split.shown) if split.hidden else text
    return Returned(result=shown, hidden=split.hidden)


def _text(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _unusable(body: Body, code: str, message: str) -> Raised:
    """Params or a result that do not fit: final, because the same call would end the same."""
    return Raised(
        failure=Failure(
            code=code,
            message=text_of(message, secrets=body.unspeakable, limit=2_000),
            type="DoesNotFit",
            retriable=False,
            outcome="known" if body.spec.effect != Effect.EXTERNAL else "unknown",
        )
    )
