"""What an exception says, in the words of the record.

Floor 3. Everything is bounded and without secrets before it leaves this room.
"""

import math
import re
import traceback
from collections.abc import Sequence
from typing import TypeVar

from actions.backoff import Failure
from actions.errors import ActionFailure, Final, Retry, Uncertain
from actions.executor.storable import storable_value, text_of
from actions.jsontypes import JSON
from actions.states import Effect

F = TypeVar("F", bound=ActionFailure)

MAX_MESSAGE = 4_096
MAX_TYPE = 200
MAX_EXCERPT = 300
_MAX_HEARD = 65_536
MAX_TRACEBACK = 16_384
_MAX_CODE = 100
_CODES = {
    "57014": "timeout",  # the attempt's time was up while the server ran a statement
    "55P03": "lock_timeout",
    "40P01": "deadlock",
    "40001": "serialization_failure",
}
_NOT_IN_A_CODE = re.compile(r"[^A-Za-z0-9_.:-]+")


def failure_of(
    error: BaseException, *, effect: Effect, is_repeatable: bool, secrets: Sequence[str]
) -> Failure:
    """Describe what a body raised; Retry and Final speak for themselves.

    What an external action did before it raised anything else, nobody knows. Where it may not be
    repeated either, that is for the policy's rules to say first, so nothing is claimed here.
    """
    is_known = effect != Effect.EXTERNAL or isinstance(error, ActionFailure) or not is_repeatable
    is_known = is_known and not isinstance(error, Uncertain)
    return Failure(
        code=_code(error, secrets=secrets),
        message=text_of(_message(error), secrets=secrets, limit=MAX_MESSAGE)
        + _excerpt(error, secrets=secrets),
        type=text_of(type(error).__name__, secrets=secrets, limit=MAX_TYPE),
        retriable=_retriable(error),
        outcome="known" if is_known else "unknown",
        after=_after(error) if isinstance(error, Retry | Uncertain) else None,
        details=_details(error, secrets=secrets) if isinstance(error, Final) else None,
        traceback=text_of(_traceback(error), secrets=secrets, limit=MAX_TRACEBACK),
    )


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's class of an error that came from the database, or None."""
    state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None)
    return state if isinstance(state, str) else None


def excerpted(failure: F, text: str) -> F:
    """The failure, with the beginning of what somebody else said at the end of its message."""
    failure.excerpt = text[:_MAX_HEARD].strip()
    return failure


def _excerpt(error: BaseException, *, secrets: Sequence[str]) -> str:
    """Masked first: a secret that the cut goes through would be recognised by nobody."""
    if not isinstance(error, ActionFailure) or not error.excerpt:
        return ""
    said = text_of(error.excerpt, secrets=secrets, limit=_MAX_HEARD)
    return f": {said[:MAX_EXCERPT]}"


def _code(error: BaseException, *, secrets: Sequence[str]) -> str:
    """The author's code with what no code has replaced, one of the database's, or `exception`."""
    if not isinstance(error, ActionFailure):
        return _CODES.get(sqlstate(error) or "", "exception")
    said = text_of(str(error.code), secrets=secrets, limit=_MAX_CODE * 2)
    return _NOT_IN_A_CODE.sub("_", said)[:_MAX_CODE].strip("_") or "exception"


def _after(error: Retry | Uncertain) -> float | None:
    """The least wait that the author asked for, if that is a number of seconds."""
    try:
        seconds = float(error.after) if error.after is not None else None
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if seconds is not None and math.isfinite(seconds) else None


def _details(error: Final, *, secrets: Sequence[str]) -> JSON:
    return None if error.details is None else storable_value(error.details, secrets=secrets)


def _retriable(error: BaseException) -> bool | None:
    if isinstance(error, Retry):
        return True
    if isinstance(error, Uncertain):
        return None if error.may_help else False
    return False if isinstance(error, Final) else None


def _message(error: BaseException) -> str:
    try:
        said = str(error)
    except BaseException as broken:  # noqa: BLE001  # an action's exception may not even print
        said = f"its message cannot be shown ({type(broken).__name__})"
    if isinstance(error, ActionFailure):
        return said
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _traceback(error: BaseException) -> str:
    """Frames of the action's code only: ours say nothing to its author."""
    frames = error.__traceback__
    while frames is not None and "/actions/executor/" in frames.tb_frame.f_code.co_filename:
        frames = frames.tb_next
    try:
        return "".join(traceback.format_exception(type(error), error, frames))
    except BaseException:  # noqa: BLE001  # see _message
        return "".join(traceback.format_tb(frames))
