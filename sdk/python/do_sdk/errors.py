"""What the clients raise. Floor: core, pure.

An action that fails is no error of the API: it is the value `Execution.error`. What is raised is
trouble with the API or the network, and the end of one's own patience. A wrong call is a WrongOption.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldProblem:
    """One thing wrong at one place of the request; `pointer` is a JSON pointer into its body."""

    pointer: str
    code: str
    detail: str


class DoError(Exception):
    """What all errors of this package are.

    `status` is HTTP's, None where nothing was answered. `code` is stable, for programs.
    `request_id` finds the request in the service's log. `key` is the idempotency key of the call:
    sending the same call with it again is always safe.
    """

    is_retriable = False
    retry_after: float | None = None

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int | None = None,
        request_id: str | None = None,
        key: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.request_id = request_id
        self.key = key

    def __reduce__(self) -> tuple[Any, ...]:
        # As it is: the arguments of a kind of error are not those of all.
        return _revived, (type(self), self.args), self._kept()

    def _kept(self) -> dict[str, Any]:
        return vars(self)


class WrongOption(TypeError, ValueError):
    """A client or a call was told something wrongly, by name, type or value; nothing was sent."""


class ConnectionFailed(DoError):
    """Nothing usable came back. Whether the service has the request, nobody can say: ask again."""

    is_retriable = True

    def __init__(self, message: str, *, is_retriable: bool = True) -> None:
        super().__init__(message, code="connection-failed")
        self.is_retriable = is_retriable


class UnusableAnswer(DoError):
    """Something answered that is not the API: a proxy's page, a redirect, another service."""


class ApiError(DoError):
    """The API refused the request, with a problem document (RFC 9457).

    `title`, `detail` and `errors` are the document's. `retry_after` is in seconds.
    """

    def __init__(self, document: Mapping[str, Any], *, status: int, request_id: str | None) -> None:
        self.title = str(document.get("title", ""))
        self.detail = str(document.get("detail", ""))
        code = str(document.get("code") or f"http-{status}")
        super().__init__(
            f"{code} ({status}): {self.detail or self.title or 'the request was refused.'}",
            code=code,
            status=status,
            request_id=request_id,
        )
        self.errors: Sequence[FieldProblem] = _errors_of(document)


class Invalid(ApiError):
    """The request itself is wrong (400, 413, 415, 422): params, a key that belongs to others."""


class Unauthenticated(ApiError):
    """The API key is unknown, revoked or expired (401)."""


class Forbidden(ApiError):
    """The API key may not do this (403)."""


class NotFound(ApiError):
    """There is no such action, workflow or record, or this API key may not know of it (404)."""


class Conflict(ApiError):
    """It cannot be done as things stand (409): disabled, ended, in progress."""


class RateLimited(ApiError):
    """Too many requests, until the time-out was over (429)."""


class Unavailable(ApiError):
    """The service has a fault or cannot accept (5xx); what may help was tried already."""


class WebhookInvalid(DoError):
    """The message is not what the sender signed, or is too old; do not act on it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="webhook-invalid")


OF_STATUS: Mapping[int, type[ApiError]] = {
    400: Invalid,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: Invalid,
    415: Invalid,
    422: Invalid,
    429: RateLimited,
}


def _revived(kind: type[DoError], arguments: tuple[Any, ...]) -> DoError:
    return kind.__new__(kind, *arguments)


def _errors_of(document: Mapping[str, Any]) -> list[FieldProblem]:
    listed = document.get("errors")
    return [
        FieldProblem(**{name: str(each.get(name, "")) for name in ("pointer", "code", "detail")})
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict)
    ]
