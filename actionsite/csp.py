"""What browsers may do with our pages: a static Content-Security-Policy. Floor: the site.

The setting has the name and shape of Django 6's SECURE_CSP, so that its own middleware can take
this one's place. Nothing inline, nothing from elsewhere, no nonces.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from inspect import iscoroutinefunction
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

CSP_HEADER = "Content-Security-Policy"
# Features of browsers that no page of ours uses.
UNUSED_FEATURES = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"

Answer = Callable[[HttpRequest], Any]


def header_of(policy: Mapping[str, Sequence[str]]) -> str:
    """The header's value."""
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in policy.items())


@sync_and_async_middleware
def browser_policy(get_response: Answer) -> Answer:
    """Put the policies on every response that has none of its own."""
    policies = {
        CSP_HEADER: header_of(settings.SECURE_CSP),
        "Permissions-Policy": UNUSED_FEATURES,
    }

    def guarded(response: HttpResponseBase) -> HttpResponseBase:
        for name, value in policies.items():
            response.headers.setdefault(name, value)
        return response

    def answer(request: HttpRequest) -> HttpResponseBase:
        return guarded(get_response(request))

    async def answer_async(request: HttpRequest) -> HttpResponseBase:
        waiting: Awaitable[HttpResponseBase] = get_response(request)
        return guarded(await waiting)

    return answer_async if iscoroutinefunction(get_response) else answer
