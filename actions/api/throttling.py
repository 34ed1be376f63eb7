"""Refusing who calls too often, before anything is read or looked up. Floor 5.

Counted in each web process by itself: a bound on what one caller can cost, not a quota.
"""

import math
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from actions.access import Principal
from actions.api.rates import WINDOW_SECONDS, Rates, Standing

if TYPE_CHECKING:
    from rest_framework.views import APIView

_RATES = Rates()


class PerCaller(BaseThrottle):
    """ACTIONSITE_RATE_LIMIT requests a minute for each API key and each person."""

    standing: Standing | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count the request; a view that tells its standing gets it."""
        limit = settings.ACTIONSITE_RATE_LIMIT
        if limit and isinstance(request.auth, Principal):
            actor = request.auth.actor
            caller = f"{actor.kind}:{actor.id}"
            self.standing = _RATES.count(caller, limit=limit, now=time.monotonic())
            if hasattr(view, "standing"):
                view.standing = self.standing
        return self.wait() is None

    def wait(self) -> float | None:
        """Seconds until a request may pass."""
        return self.standing.wait_seconds if self.standing else None


def headers_of(standing: Standing) -> dict[str, Any]:
    """RateLimit and RateLimit-Policy (IETF draft, RateLimit header fields for HTTP)."""
    reset = math.ceil(standing.reset_seconds)
    return {
        "RateLimit-Policy": f'"caller";q={standing.limit};w={WINDOW_SECONDS:.0f}',
        "RateLimit": f'"caller";r={standing.remaining};t={reset}',
    }
