"""What an exception says, in the words of the record.

Floor 3. Everything is bounded and without secrets before it leaves this room.
"""

import traceback
from collections.abc import Sequence

from actions import masking
from actions.backoff import Failure
from actions.errors import ActionFailure, Final, Retry
from actions.states import Effect

MAX_MESSAGE = 4_096
MAX_TRACEBACK = 16_384
_MAX_CODE = 100


def failure_of(
    error: BaseException, *, effect: Effect, is_repeatable: bool, secrets: Sequence[str]
) -> Failure:
    """Describe what a body raised; Retry and Final speak for themselves.

    What an external action did before it raised anything else, nobody knows. Where it may not be
    repeated either, that is for the policy's rules to say first, so nothing is claimed here.
    """
    is_known = effect != Effect.EXTERNAL or isinstance(error, ActionFailure) or not is_repeatable
    return Failure(
        code=_code(error),
        message=text_of(_message(error), secrets=secrets, limit=MAX_MESSAGE),
        type=type(error).__name__,
        retriable=_retriable(error),
        outcome="known" if is_known else "unknown",
        after=error.after if isinstance(error, Retry) else None,
        details=error.details if isinstance(error, Final) else None,
        traceback=text_of(_traceback(error), secrets=secrets, limit=MAX_TRACEBACK),
    )


def text_of(text: str, *, secrets: Sequence[str], limit: int) -> str:
    """The text as it may be stored: masked, without what PostgreSQL refuses, cut in the middle."""
    clean = text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    masked: str = masking.scrub(clean, secrets)
    if len(masked) <= limit:
        return masked
    half = limit // 2 - 20
    return f"{masked[:half]}\n… cut …\n{masked[-half:]}"


def _code(error: BaseException) -> str:
    return error.code[:_MAX_CODE] if isinstance(error, ActionFailure) else "exception"


def _retriable(error: BaseException) -> bool | None:
    if isinstance(error, Retry):
        return True
    return False if isinstance(error, Final) else None


def _message(error: BaseException) -> str:
    try:
        said = str(error)
    except Exception as broken:  # noqa: BLE001  # an action's exception may not even print
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
    except Exception:  # noqa: BLE001  # see _message
        return "".join(traceback.format_tb(frames))
