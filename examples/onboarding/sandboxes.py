"""Ask the sandbox service for a sandbox, and say in the engine's words how it went wrong."""

import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from actions import Final, Retry

_TIMEOUT_SECONDS = 10.0
_TOO_MANY_REQUESTS = 429
# Reading the system's certificates costs more than a request; a client for each call need not.
_TLS = ssl.create_default_context()


async def request(url: str, *, user_id: str, key: str) -> dict[str, Any]:
    """Make the sandbox of a user, or get the one that this key has made already.

    Raises Retry while the service is unreachable, busy (429) or failing (5xx), after the wait that
    it asks for; Final when it refuses. A time-out is let through as it is: its outcome is unknown,
    and the key makes another attempt safe.
    """
    async with httpx2.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False, verify=_TLS) as client:
        try:
            answer = await client.post(
                url, json={"userId": user_id}, headers={"Idempotency-Key": key}
            )
        except httpx2.ConnectError as unreachable:
            raise Retry(
                f"The sandbox service at {url} cannot be reached: {unreachable}",
                code="sandbox_unreachable",
            ) from unreachable
    if not answer.is_success:
        raise _refused(answer)
    body: dict[str, Any] = answer.json()
    return body


def _refused(answer: httpx2.Response) -> Retry | Final:
    said = f"The sandbox service answered {answer.status_code} {answer.text[:300]}".rstrip()
    if answer.status_code == _TOO_MANY_REQUESTS or answer.status_code >= 500:
        wait = retry_after_seconds(answer.headers.get("Retry-After"), now=datetime.now(UTC))
        return Retry(said, after=wait, code="sandbox_unavailable")
    return Final("sandbox_refused", said, details={"status": answer.status_code})


def retry_after_seconds(header: str | None, *, now: datetime) -> float | None:
    """Read a Retry-After header (RFC 9110, section 10.2.3): seconds, or a date."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max((aware - now).total_seconds(), 0.0)
    except (ValueError, OverflowError):
        return None
