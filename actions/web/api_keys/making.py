"""A new API key: the form, and the only page that ever shows the key itself.

Floor 5, a door.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from actions import access
from actions.errors import InsufficientScope, MalformedRequest, Refusal
from actions.models import ApiKey
from actions.web.api_keys.views import SCOPES
from actions.web.door import PageRequest, page
from actions.web.forms.patterns import patterns_of

TOLD_IN_FORM = (MalformedRequest, InsufficientScope)
EXPIRIES = {"30": "in 30 days", "90": "in 90 days", "365": "in a year", "": "never"}
DEFAULT_EXPIRY = "90"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewKey:
    """What the form holds."""

    name: str = ""
    scopes: list[str] = field(default_factory=list)
    patterns: str = ""
    expires: str = DEFAULT_EXPIRY


@require_safe
@page(access.ADMIN)
def new_key_form(request: PageRequest) -> HttpResponse:
    """The form, empty."""
    return _show(request, NewKey())


@page(access.ADMIN)
def make_key(request: PageRequest) -> HttpResponse:
    """Make the key and show it, this once; nothing keeps the page that does."""
    new = NewKey(
        name=request.POST.get("name", "").strip(),
        scopes=request.POST.getlist("scopes"),
        patterns=request.POST.get("patterns", ""),
        expires=request.POST.get("expires", ""),
    )
    try:
        row, key = _make(request, new)
    except TOLD_IN_FORM as refusal:
        return _show(request, new, refusal=refusal)
    context = {"row": row, "key": key}
    response = render(request, "actions/api_key_made.html", context, status=201)
    patch_cache_control(response, no_store=True)
    return response


def _make(request: PageRequest, new: NewKey) -> tuple[ApiKey, str]:
    expires_at = _moment(new.expires)
    access.check_gift(request.principal, new.scopes, expires_at=expires_at)
    return access.create_key(
        name=new.name,
        scopes=new.scopes,
        patterns=patterns_of(new.patterns),
        expires_at=expires_at,
        by=request.principal.actor,
    )


def _moment(expires: str) -> datetime | None:
    if expires not in EXPIRIES:
        raise MalformedRequest(f"A key cannot expire {expires[:20]!r}; choose one of the times.")
    return timezone.now() + timedelta(days=int(expires)) if expires else None


def _show(request: PageRequest, new: NewKey, *, refusal: Refusal | None = None) -> HttpResponse:
    held = request.principal.permissions
    context = {
        "new": new,
        "scopes": [(name, words) for name, words in SCOPES.items() if name in held],
        "expiries": EXPIRIES.items(),
        "refusal": refusal,
        "max_name": access.MAX_KEY_NAME,
    }
    return render(request, "actions/api_key_new.html", context, status=422 if refusal else 200)
