"""The actions that are measured."""

import ssl

import httpx2

from actions import Context, action

_TLS = ssl.create_default_context()


@action("noop-none", effect="none")
def noop_none(_ctx: Context, *, number: int) -> int:
    """Return the number."""
    return number


@action("noop-transactional", effect="transactional")
def noop_transactional(_ctx: Context, *, number: int) -> int:
    """Return the number, inside the transaction that settles it."""
    return number


@action("wait-over-http", effect="external", repeatable=True, timeout=60)
async def wait_over_http(_ctx: Context, *, url: str) -> int:
    """Ask a slow server, and return the status of its answer."""
    async with httpx2.AsyncClient(timeout=50, trust_env=False, verify=_TLS) as client:
        answer = await client.get(url)
    return answer.status_code
