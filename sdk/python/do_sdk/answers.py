"""Answers read: a value, or the error that it stands for. Floor: core, pure."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from do_sdk.errors import OF_STATUS, ApiError, ConnectionFailed, Unavailable, UnusableAnswer
from do_sdk.records import (
    CANCELLED,
    ActionError,
    Entry,
    Event,
    Execution,
    Page,
    Record,
    RerunPreview,
    RerunStep,
    Run,
    RunError,
    Step,
)
from do_sdk.wire import Answer, Request

Kept = TypeVar("Kept", bound=Record)
Value = TypeVar("Value")
_OK = (200, 202)
_SERVER_ERRORS = 500
_REFUSALS = 400
# Sending again may help, whatever stands in the answer: a proxy may have written it.
_RETRIED = frozenset({408, 429, 502, 503, 504})
# What a body that is something else raises when it is read.
_WRONG = (KeyError, TypeError, AttributeError)
# What a text raises that is no JSON, or is nested too deeply to be read.
_NO_JSON = (ValueError, RecursionError)
_LIST = "list"
_PREVIEW = "rerun_preview"
# Texts in JSON; the last may lack its end.
_STRINGS = re.compile(r'"(?:[^"\\]+|\\.)*(?:"|\\?$)', re.DOTALL)
_OBJECTS = ("execution", "run", _LIST, _PREVIEW)
_RUN_ERROR_FIELDS = ("code", "message", "step", "attempt")
_STEP_FIELDS = ("name", "kind", "status", "execution", "run", "question")
_UNEXPLAINED = {
    CANCELLED: "was cancelled; its log says by whom and why.",
    "failed": "has failed; its log says why.",
}
_ERROR_FIELDS = ("type", "code", "message", "retriable", "outcome", "details", "attempt")


def record(
    answer: Answer,
    request: Request,
    *,
    kind: str,
    make: Callable[[Mapping[str, Any], str | None], Kept],
) -> Kept:
    """The execution or the run that was asked for; raises what else the answer is."""
    body = _document(answer, kind)
    found = _made(answer, kind, lambda: make(body, answer.request_id))
    known = {"id": found.id, "key": found.key, "rerun_of": body.get("rerun_of")}
    # Where something in between answers twice, the second answer arrives in the place of the next.
    if request.known_by and known[request.known_by[0]] != request.known_by[1]:
        raise of_another()
    return found


def page(answer: Answer, *, make: Callable[[Mapping[str, Any]], Entry]) -> Page[Entry]:
    """One page of a list."""
    body = _document(answer, _LIST)
    return _made(
        answer,
        _LIST,
        lambda: Page(
            entries=tuple(make(each) for each in body["entries"]), next_cursor=body["next_cursor"]
        ),
    )


def events(answer: Answer, _request: Request) -> Page[Event]:
    """One page of a log."""
    return page(answer, make=_event_of)


def preview(answer: Answer, request: Request) -> RerunPreview:
    """What a re-run would do; raises what else the answer is."""
    body = _document(answer, _PREVIEW)
    found = _made(answer, _PREVIEW, lambda: _preview_of(body))
    if ("id", found.run) != request.known_by:
        raise of_another()
    return found


def event(text: str) -> Event:
    """One event of a log, as a stream carries it."""
    try:
        return _event_of(json.loads(text))
    except (*_NO_JSON, *_WRONG) as wrong:
        raise UnusableAnswer(
            f"The stream has something else than events in it ({wrong!r}).", code="unusable-answer"
        ) from wrong


def of_another() -> ConnectionFailed:
    """What an answer stands for that belongs to another request: a broken line."""
    return ConnectionFailed("The answer that came back belongs to another request.")


def refusal(answer: Answer) -> ApiError | UnusableAnswer:
    """What an answer that is not 200 or 202 stands for."""
    if answer.status < _REFUSALS:
        where = answer.headers.get("location", "")
        return _unusable(answer, f"it leads elsewhere ({where[:200]}); check the base URL")
    try:
        document = json.loads(answer.content)
    except _NO_JSON:
        document = {}
    document = document if isinstance(document, dict) else {}
    otherwise = Unavailable if answer.status >= _SERVER_ERRORS else ApiError
    kind = OF_STATUS.get(answer.status, otherwise)
    error = kind(document, status=answer.status, request_id=answer.request_id)
    error.is_retriable = answer.status in _RETRIED or document.get("retriable") is True
    error.retry_after = retry_after(answer)
    return error


def retry_after(answer: Answer) -> float | None:
    """How many seconds to wait before asking again, as the answer has it; None if it does not."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max((at - datetime.now(UTC)).total_seconds(), 0.0)


def execution_of(body: Mapping[str, Any], request_id: str | None) -> Execution:
    """The execution of a body; raises KeyError, TypeError or AttributeError if it is none."""
    return Execution(
        **_common(body, request_id),
        action=body["action"],
        error=_error(body, kind="execution", name=body["action"], make=_action_error),
        replayed=body["replayed"],
        key=body["idempotency"]["key"],
    )


def run_of(body: Mapping[str, Any], request_id: str | None) -> Run:
    """The run of a body, also as a list has it; raises as `execution_of` does."""
    return Run(
        **_common(body, request_id),
        workflow=body["workflow"],
        error=_error(body, kind="run", name=body["workflow"], make=_run_error),
        replayed=body.get("replayed", False),
        key=body.get("idempotency", {}).get("key"),
        steps=tuple(Step(**_some(each, _STEP_FIELDS), body=each) for each in body.get("steps", [])),
    )


def _error(
    body: Mapping[str, Any], *, kind: str, name: str, make: Callable[[Mapping[str, Any]], Value]
) -> Value | None:
    """Its error; what has ended and did not succeed has one, whatever the record tells."""
    error, status = body["error"], body["status"]
    if status == CANCELLED or (error is None and status in _UNEXPLAINED):
        said = f"The {kind} {body['id']} of {name} {_UNEXPLAINED[status]}"
        before = f" Before that it had failed: {error['code']}: {error['message']}" if error else ""
        own = {"code": status, "message": said + before, "retriable": False}
        return make({**(error or {}), **own})
    return None if error is None else make(error)


def _action_error(error: Mapping[str, Any]) -> ActionError:
    return ActionError(**_some(error, _ERROR_FIELDS))


def _run_error(error: Mapping[str, Any]) -> RunError:
    return RunError(**_some(error, _RUN_ERROR_FIELDS))


def _preview_of(body: Mapping[str, Any]) -> RerunPreview:
    steps = [
        RerunStep(name=each["name"], verdict=each["verdict"], why=each["why"], body=each)
        for each in body["steps"]
    ]
    return RerunPreview(
        run=body["run"],
        digest=body["digest"],
        needs_reason=body["needs_reason"],
        steps=tuple(steps),
        body=body,
    )


def _event_of(body: Mapping[str, Any]) -> Event:
    known = {name: body[name] for name in ("seq", "type", "at", "data")}
    if not (isinstance(known["seq"], int) and isinstance(known["type"], str)):
        raise TypeError("its number or its type is none")
    return Event(**known, attempt=body.get("attempt"), step=body.get("step"), body=body)


def _common(body: Mapping[str, Any], request_id: str | None) -> dict[str, Any]:
    known = {name: body[name] for name in ("id", "status", "result")}
    if not (isinstance(known["id"], str) and isinstance(known["status"], str)):
        raise TypeError("its id or its status is no text")
    return known | {"request_id": request_id, "body": body}


def _some(body: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: body.get(name) for name in names}


def _document(answer: Answer, kind: str) -> dict[str, Any]:
    if answer.status not in _OK:
        raise refusal(answer)
    try:
        body = json.loads(answer.content)
    except _NO_JSON as wrong:
        if _is_cut(answer.content.decode(errors="replace")):
            raise ConnectionFailed("The answer that came back ended in its middle.") from wrong
        raise _unusable(answer, "it is not JSON") from wrong
    if not isinstance(body, dict):
        raise _unusable(answer, "it is no object")
    if body.get("object") != kind:
        raise (
            of_another()
            if body.get("object") in _OBJECTS
            else _unusable(answer, f"it is no {kind}")
        )
    return body


def _is_cut(text: str) -> bool:
    """Whether it is the beginning of an object; without a length, no line tells that the rest is lost."""
    bare = _STRINGS.sub("", text).strip()
    opened, closed = (sum(map(bare.count, signs)) for signs in ("{[", "]}"))
    return not bare or (bare.startswith("{") and opened > closed)


def _made(answer: Answer, kind: str, make: Callable[[], Value]) -> Value:
    try:
        return make()
    except _WRONG as wrong:
        raise _unusable(answer, f"it is no {kind} ({wrong!r})") from wrong


def _unusable(answer: Answer, why: str) -> UnusableAnswer:
    return UnusableAnswer(
        f"The answer (HTTP {answer.status}) is not one of the API: {why}.",
        code="unusable-answer",
        status=answer.status,
        request_id=answer.request_id,
    )
