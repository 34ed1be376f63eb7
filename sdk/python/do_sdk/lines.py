"""What both clients say to httpx, and hear from it. Floor: transport."""

from typing import Any

import httpx2

from do_sdk import answers, options, wire
from do_sdk.calls import Send
from do_sdk.errors import ConnectionFailed, DoError
from do_sdk.settings import Settings
from do_sdk.streams import SILENCE_SECONDS, STREAM, Follower
from do_sdk.wire import Answer

_CONNECT_SECONDS = 10.0
# What a request may raise. An address that cannot be is found only where it is dialled.
TROUBLES = (httpx2.RequestError, httpx2.InvalidURL, UnicodeError)
Trouble = httpx2.RequestError | httpx2.InvalidURL | UnicodeError


def limits(max_connections: int) -> httpx2.Limits:
    """A bounded pool; who finds no connection free waits for one. Raises WrongOption."""
    options.check({"max_connections": max_connections})
    return httpx2.Limits(max_connections=max_connections, max_keepalive_connections=max_connections)


def request_options(settings: Settings, step: Send) -> dict[str, Any]:
    """The arguments of one request."""
    request = step.request
    own = {wire.MARK: wire.new_key()}
    if step.is_last_on_line:
        own["Connection"] = "close"
    return {
        "method": request.method,
        "url": settings.base_url + request.path,
        "params": list(request.query),
        "content": request.content,
        "headers": request.headers(wait=step.allowance.wait) | own,
        "timeout": _timeouts(step.allowance.timeout),
    }


def stream_options(settings: Settings, follower: Follower) -> dict[str, Any]:
    """The arguments of one connection of a stream."""
    return {
        "method": follower.request.method,
        "url": settings.base_url + follower.request.path,
        "headers": follower.headers() | {wire.MARK: wire.new_key()},
        "timeout": _timeouts(SILENCE_SECONDS),
    }


def is_of_another(response: httpx2.Response) -> bool:
    """Whether it answers another request; who then leaves it unread closes its line.

    What answers twice, and late, lets every answer on that line arrive in the place of the next.
    """
    sent = response.request.headers[wire.MARK]
    # A gateway may copy it, and so it stands there twice, or beside one of the gateway's own.
    names = str(response.headers.get(wire.MARK, sent)).split(",")
    return sent not in [name.strip() for name in names]


def is_stream(response: httpx2.Response) -> bool:
    """Whether events come of it; if not, `no_stream` says what it is."""
    kind = str(response.headers.get("content-type", "")).partition(";")[0]
    return response.status_code == httpx2.codes.OK and kind.strip().lower() == STREAM


def no_stream(response: httpx2.Response) -> DoError:
    """The error that an answer without a stream stands for, once it has been read."""
    return answers.refusal(answer_of(response))


def answer_of(response: httpx2.Response) -> Answer:
    """The answer of a response that has been read."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(status=response.status_code, content=response.content, headers=headers)


def too_late() -> ConnectionFailed:
    """What an answer is that comes too slowly: one may not be silent, and still never end."""
    return ConnectionFailed("The answer did not end in the time given.")


def failure_of(error: Trouble) -> ConnectionFailed:
    """What went wrong on the line, in the words of this package."""
    if not isinstance(error, httpx2.RequestError):
        failed = ConnectionFailed(
            f"The address of the request is none: {error}. Check the base URL, and ids.",
            is_retriable=False,
        )
        failed.__cause__ = error
        return failed
    said = str(error) or type(error).__name__
    failed = ConnectionFailed(
        f"The line to {error.request.url.host} failed: {said}.",
        is_retriable=not isinstance(error, (httpx2.LocalProtocolError, httpx2.UnsupportedProtocol)),
    )
    failed.__cause__ = error
    return failed


def _timeouts(seconds: float) -> httpx2.Timeout:
    return httpx2.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))
