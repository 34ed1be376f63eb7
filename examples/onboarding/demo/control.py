"""Talk to the running demo services: switch the mail server, look at what it has caught."""

from typing import Any, Literal

import httpx2
from django.conf import settings

from onboarding.demo.endpoint import CONTROL_HEADER
from onboarding.demo.mailbox import HOST

Turn = Literal["start", "stop"]
_TIMEOUT_SECONDS = 3.0


class DemoUnreachable(Exception):
    """The demo services do not run, or cannot do what was asked; the message says which."""


def switch_mail(turn: Turn) -> dict[str, Any]:
    """Start or stop the mail server and return its state. Raises DemoUnreachable."""
    return _ask("POST", f"/mail/{turn}")


def mail() -> dict[str, Any]:
    """Return `is_up`, `port`, `count` and the last `mails`. Raises DemoUnreachable."""
    return _ask("GET", "/mail")


def _ask(method: str, path: str) -> dict[str, Any]:
    url = f"http://{HOST}:{settings.ACTIONSITE_DEMO_HTTP_PORT}{path}"
    try:
        answer = httpx2.request(
            method,
            url,
            headers={CONTROL_HEADER: "1"},
            timeout=_TIMEOUT_SECONDS,
            trust_env=False,
        )
    except httpx2.TransportError as trouble:
        raise DemoUnreachable(
            f"The demo services do not answer at {url} ({trouble}); "
            "start them with `manage.py up` or `manage.py demo_services`."
        ) from trouble
    body: dict[str, Any] = answer.json()
    if not answer.is_success:
        raise DemoUnreachable(str(body.get("detail", answer.status_code)))
    return body
