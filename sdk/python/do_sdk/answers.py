"""Answers read: a value, or the error that it stands for. Floor: core, pure."""

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from do_sdk.errors import OF_STATUS, ApiError, ConnectionFailed, Unavailable, UnusableAnswer
from do_sdk.records import ActionError, Event, Execution, Page
from do_sdk.wire import Answer, Request

_OK = (200, 202)
_SERVER_ERRORS = 500
_REFUSALS = 400
# Sending again may help, whatever stands in the answer: a proxy may have written it.
_RETRIED = frozenset({408, 429, 502, 503, 504})
_ERROR_FIELDS = ("type", "code", "message", "retriable", "outcome", "details", "attempt")


def execution(answer: Answer, request: Request) -> Execution:
    """The execution that was asked for; raises what else it is."""
    body = _document(answer)
    try:
        found = _execution(body, request_id=answer.request_id)
    except (KeyError, TypeError, AttributeError) as wrong:
        raise _unusable(answer, f"it is no execution ({wrong!r})") from wrong
    known = {"id": found.id, "key": found.key, "rerun_of": body.get("rerun_of")}
    # Where something in between answers twice, the second answer arrives in the place of the next.
    if request.known_by and known[request.known_by[0]] != request.known_by[1]:
        raise ConnectionFailed("The answer that came back belongs to another request.")
    return found


def page(answer: Answer, _request: Request) -> Page:
    """One page of executions."""
    body = _document(answer)
    try:
        entries = [_execution(each, request_id=answer.request_id) for each in body["entries"]]
        return Page(entries=tuple(entries), next_cursor=body["next_cursor"])
    except (KeyError, TypeError, AttributeError) as wrong:
        raise _unusable(answer, f"it is no list ({wrong!r})") from wrong


def event(text: str) -> Event:
    """One event of a log, as a stream carries it."""
    try:
        body = json.loads(text)
        known = {name: body[name] for name in ("seq", "type", "at", "attempt", "data")}
        return Event(**known, body=body)
    except (ValueError, KeyError, TypeError) as wrong:
        raise UnusableAnswer(
            f"The stream has something else than events in it ({wrong!r}).", code="unusable-answer"
        ) from wrong


def refusal(answer: Answer) -> ApiError | UnusableAnswer:
    """What an answer that is not 200 or 202 stands for."""
    if answer.status < _REFUSALS:
        where = answer.headers.get("location", "")
        return _unusable(answer, f"it leads elsewhere ({where[:200]}); check the base URL")
    try:
        document = json.loads(answer.content)
    except ValueError:
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
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max((at - datetime.now(UTC)).total_seconds(), 0.0)


def _document(answer: Answer) -> dict[str, Any]:
    if answer.status not in _OK:
        raise refusal(answer)
    try:
        body = json.loads(answer.content)
    except ValueError as wrong:
        raise _unusable(answer, "it is not JSON") from wrong
    if not isinstance(body, dict):
        raise _unusable(answer, "it is no object")
    return body


def _execution(body: dict[str, Any], *, request_id: str | None) -> Execution:
    error = body["error"]
    return Execution(
        id=body["id"],
        action=body["action"],
        status=body["status"],
        result=body["result"],
        error=None if error is None else _error(error),
        replayed=body["replayed"],
        key=body["idempotency"]["key"],
        request_id=request_id,
        body=body,
    )


def _error(body: dict[str, Any]) -> ActionError:
    known: dict[str, Any] = {name: body.get(name) for name in _ERROR_FIELDS}
    return ActionError(**known)


def _unusable(answer: Answer, why: str) -> UnusableAnswer:
    return UnusableAnswer(
        f"The answer (HTTP {answer.status}) is not one of the API: {why}.",
        code="unusable-answer",
        status=answer.status,
        request_id=answer.request_id,
    )
