"""Run an action that is one HTTP request, and say in the engine's words how it went.

Floor 3, and the only module that speaks HTTP to the outside. Retry and Final promise to know what
happened: nothing was sent, or the other side has said what it did. Whatever else goes wrong once a
request is on its way is Uncertain.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore2
import httpx2

from actions.context import Context
from actions.declarative import HttpDefinition
from actions.errors import ActionFailure, Final, Retry, Uncertain
from actions.executor.answers import Answer, read, retry_after_seconds
from actions.executor.egress import Guard
from actions.executor.failures import excerpted
from actions.executor.outgoing import Outgoing, outgoing, shown, variables
from actions.expressions import ExpressionFailed
from actions.jsontypes import JSON, JSONObject

CONNECT_SECONDS = 10.0
# A server that answers so has not begun to work on the request (RFC 9110, 6585, 8470).
_NOT_BEGUN = frozenset({408, 425, 429, 503})
# What another host may be told.
_HARMLESS_HEADERS = frozenset(
    {"user-agent", "accept", "accept-encoding", "content-type", "content-length", "host"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outside:
    """What connects: who may be reached, and whose certificates are believed (None: the system's)."""

    guard: Guard
    tls: ssl.SSLContext | None = None


async def call_http(
    definition: HttpDefinition,
    *,
    params: JSONObject,
    context: Context,
    outside: Outside,
    traceparent: str | None = None,
) -> JSON:
    """Send the request and return what `returns` makes of the answer.

    `params` have been checked and have their defaults. Raises Retry, Final or Uncertain. There is
    no limit of time but the connection's: the attempt's own cancels the call, and a cancelled call
    has closed its connection.
    """
    seen = variables(params, definition.params_schema, context)
    request = outgoing(definition, seen, context, traceparent=traceparent)
    answer = await _answer(definition, request, outside)
    seen = seen | {"response": answer.as_json()}
    try:
        if not _is_success(definition, answer, seen):
            raise _refusal(definition, request, answer)
        return definition.returns.render(seen)
    except ExpressionFailed as failed:
        raise Uncertain("expression_failed", str(failed), may_help=False) from failed


def _is_success(definition: HttpDefinition, answer: Answer, seen: dict[str, JSON]) -> bool:
    try:
        return definition.success.evaluate(seen) is True
    except ExpressionFailed:
        # A rule about the body of a success need not fit the page that comes with a 503.
        if answer.is_success:
            raise
        return False


async def _answer(definition: HttpDefinition, outgoing: Outgoing, outside: Outside) -> Answer:
    async with _client(outside) as client:
        request = _built(client, outgoing)
        for hop in range(definition.follow_redirects + 1):
            try:
                async with _sent(client, request) as response:
                    following = response.next_request
                    if following is None or hop == definition.follow_redirects:
                        return await read(response, max_bytes=definition.max_response_bytes)
                    request = _followed(request, following, body=outgoing.content)
            except ActionFailure as failure:
                raise _after_hops(failure, hop) from failure
    raise AssertionError("the last hop returns or raises")


def _built(client: httpx2.AsyncClient, outgoing: Outgoing) -> httpx2.Request:
    try:
        return client.build_request(
            outgoing.method, outgoing.url, headers=outgoing.headers, content=outgoing.content
        )
    except (httpx2.InvalidURL, UnicodeError) as wrong:
        said = f"{shown(outgoing.url)!r} is no address that may be called; look at the params."
        raise Final("url_invalid", said) from wrong


@asynccontextmanager
async def _sent(
    client: httpx2.AsyncClient, request: httpx2.Request
) -> AsyncIterator[httpx2.Response]:
    where = f"{request.method} {shown(str(request.url))}"
    try:
        response = await client.send(request, stream=True)
        try:
            yield response
        finally:
            await response.aclose()
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as unreachable:
        raise Retry(
            f"{where}: no connection ({str(unreachable)[:200] or 'it took too long'}).",
            code="connect_failed",
        ) from unreachable
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.LocalProtocolError) as wrong:
        raise Final("url_invalid", f"{where} cannot be sent: {str(wrong)[:200]}.") from wrong
    except httpx2.HTTPError as lost:
        raise Uncertain(
            "connection_lost",
            f"{where}: the connection was lost before the whole answer had come "
            f"({type(lost).__name__}).",
        ) from lost


def _followed(
    request: httpx2.Request, following: httpx2.Request, *, body: bytes | None
) -> httpx2.Request:
    """The request that a redirect asks for, without what only the first host may know."""
    old, new = request.url, following.url
    is_other = (old.scheme, old.host, old.port) != (new.scheme, new.host, new.port)
    is_worse = old.scheme == "https" and new.scheme != "https"
    has_body = following.method == request.method and bool(body)
    if new.userinfo or is_worse or (is_other and has_body):
        raise Uncertain(
            "redirect_refused",
            f"{request.method} {shown(str(old))} was redirected to {shown(str(new))}, which is not "
            "followed: another host gets no body, and https does not become http.",
            may_help=False,
        )
    if is_other:
        for name in [name for name in following.headers if name not in _HARMLESS_HEADERS]:
            del following.headers[name]
    return following


def _after_hops(failure: ActionFailure, hop: int) -> ActionFailure:
    """After a redirect it is no longer known that nothing has happened."""
    if hop == 0 or isinstance(failure, Uncertain):
        return failure
    return Uncertain(
        failure.code,
        f"After a redirect: {failure.message}",
        may_help=isinstance(failure, Retry),
    )


def _refusal(definition: HttpDefinition, request: Outgoing, answer: Answer) -> ActionFailure:
    said = f"{request.method} {shown(request.url)} was answered {answer.status}"
    said += "" if answer.text.strip() else "."
    return excerpted(_by_status(definition, answer, said), answer.text)


def _by_status(definition: HttpDefinition, answer: Answer, said: str) -> ActionFailure:
    if answer.status in definition.retriable:
        after = retry_after_seconds(answer.headers.get("retry-after"))
        code = f"http_status_{answer.status}"
        if answer.status in _NOT_BEGUN:
            return Retry(said, after=after, code=code)
        return Uncertain(code, said, after=after)
    code = "not_successful" if answer.is_success else f"http_status_{answer.status}"
    return Final(code, said, details={"status": answer.status})


class _Dialler(httpcore2.AnyIOBackend):
    """Connects to addresses that the guard has checked, one after the other."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def connect_tcp(  # type: ignore[override]  # its caller names every argument
        self, host: str, port: int, **options: Any
    ) -> httpcore2.AsyncNetworkStream:
        failure: Exception | None = None
        for address in await self._guard.addresses(host, port):
            try:
                return await super().connect_tcp(address, port, **options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as unreachable:
                failure = unreachable
        raise failure or httpcore2.ConnectError("no address")


class _Transport(httpx2.AsyncHTTPTransport):
    """The usual transport over connections of ours: no proxy, no environment, HTTP/1.1."""

    def __init__(self, outside: Outside) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=outside.tls or _system_tls(),
            network_backend=_Dialler(outside.guard),
            max_connections=1,
            http2=False,
        )


def _client(outside: Outside) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=_Transport(outside),
        trust_env=False,
        follow_redirects=False,
        timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),
    )


@cache
def _system_tls() -> ssl.SSLContext:
    """Reading the system's certificates costs more than a request, so it is done once."""
    return ssl.create_default_context()
