"""Run an action that is a Python function, and say how it went.

Floor 3. Whatever the function does, one of three values comes back; only a time-out passes
through, since what it interrupts may be the caller's database connection.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from actions import schema
from actions.backoff import Failure
from actions.context import Context
from actions.errors import Cancelled
from actions.executor import timer
from actions.executor.failures import failure_of, text_of
from actions.executor.secrets import SecretReader
from actions.jsontypes import JSONObject
from actions.registry import ActionFunction, ActionSpec
from actions.states import Effect

_runner: asyncio.Runner | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Returned:
    """The body returned; `result` is JSON text that fits the action's result schema."""

    result: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Raised:
    """The body failed, or what it returned cannot be a result."""

    failure: Failure


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped:
    """The body stopped because somebody asked to cancel."""

    reason: str


Went = Returned | Raised | Stopped


@dataclass(kw_only=True, slots=True)
class Body:
    """One call of an action's function: what to call, with what, under which limits.

    `timeout_seconds` and `max_result_bytes` are of this attempt; `result_schema` is the version's.
    """

    spec: ActionSpec
    params: JSONObject
    context: Context
    secrets: SecretReader = field(default_factory=SecretReader)
    result_schema: JSONObject
    timeout_seconds: float | None
    max_result_bytes: int


def run(body: Body) -> Went:
    """Call the function and judge what it returns; raises only timer.AttemptTimedOut."""
    try:
        returned = _call(body)
    except timer.AttemptTimedOut:
        raise
    except Cancelled as asked:
        return Stopped(reason=asked.message)
    except BaseException as error:  # noqa: BLE001  # an action may even raise SystemExit
        return Raised(
            failure=failure_of(error, effect=body.spec.effect, secrets=body.secrets.values)
        )
    return _judged(body, returned)


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


def _call(body: Body) -> Any:
    arguments = _arguments(body.spec.function)(body.params)
    if body.spec.is_async:
        return _run_async(body, arguments)
    with timer.limit(body.timeout_seconds):
        return body.spec.function(body.context, **arguments)


def _run_async(body: Body, arguments: dict[str, Any]) -> Any:
    global _runner
    if _runner is None:
        _runner = asyncio.Runner()

    async def limited() -> Any:
        try:
            async with asyncio.timeout(body.timeout_seconds) as deadline:
                return await body.spec.function(body.context, **arguments)
        except TimeoutError:
            if deadline.expired():
                raise timer.AttemptTimedOut from None
            raise

    return _runner.run(limited())


def _judged(body: Body, returned: Any) -> Returned | Raised:
    try:
        value = _encoder(body.spec.function)(returned)
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except schema.ResultInvalid as wrong:
        return _unusable(body, "result_invalid", str(wrong))
    except (ValueError, TypeError, RecursionError) as wrong:
        return _unusable(body, "result_invalid", f"The result is not JSON: {wrong}")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > body.max_result_bytes:
        return _unusable(
            body,
            "result_too_large",
            f"The result has {size:,} bytes and may have {body.max_result_bytes:,}; "
            "store it elsewhere and return a reference.",
        )
    if "\\u0000" in text or not _is_storable(text):
        return _unusable(
            body, "result_invalid", "The result has a character that cannot be stored (U+0000)."
        )
    problems = schema.violations(body.result_schema, value)
    if problems:
        place = problems[0].pointer or "the result"
        return _unusable(body, "result_invalid", f"At {place}: {problems[0].detail}")
    return Returned(result=_masked(text, body.secrets.values))


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _masked(text: str, secrets: list[str]) -> str:
    return text_of(text, secrets=secrets, limit=len(text) * 8) if secrets else text


def _unusable(body: Body, code: str, message: str) -> Raised:
    """A result that cannot be kept: final, because the same code would return the same again."""
    return Raised(
        failure=Failure(
            code=code,
            message=text_of(message, secrets=body.secrets.values, limit=2_000),
            type="ResultInvalid",
            retriable=False,
            outcome="known" if body.spec.effect != Effect.EXTERNAL else "unknown",
        )
    )


@lru_cache(maxsize=1024)
def _arguments(function: ActionFunction) -> Callable[[JSONObject], dict[str, Any]]:
    return schema.arguments(function)


@lru_cache(maxsize=1024)
def _encoder(function: ActionFunction) -> Callable[[Any], Any]:
    return schema.encoder(function)
