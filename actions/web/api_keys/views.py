"""The list of API keys, the page of one, and *Revoke…*.

Floor 5, a door.
"""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from actions import access
from actions.errors import ApiKeyNotFound
from actions.models import ApiKey
from actions.web import curl, lists
from actions.web.confirm import Question, ask
from actions.web.door import PageRequest, going_to, page
from actions.web.lists import Asked, Page

# What each scope lets a key do, as it goes on after "may".
SCOPES = {
    access.READ_ACTIONS: "see the catalogue",
    access.EXECUTE_ACTIONS: "execute actions",
    access.WRITE_ACTIONS: "define, disable and enable actions",
    access.READ_EXECUTIONS: "read executions and idempotency keys",
    access.WRITE_EXECUTIONS: "cancel, re-run and release idempotency keys",
    access.READ_WORKFLOWS: "see workflows",
    access.WRITE_WORKFLOWS: "change and publish workflows",
    access.READ_RUNS: "see the runs of workflows",
    access.WRITE_RUNS: "start, control, answer and re-run workflows",
    access.ADMIN: "keep API keys and secrets and read the audit log",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyRow:
    """One API key, and how its state is drawn: a look and a word."""

    key: ApiKey
    look: str
    words: str


@require_safe
@page(access.ADMIN)
def api_key_list(request: PageRequest) -> HttpResponse:
    """Fifty keys, the newest first, also those that open nothing any more."""
    asked = Asked.of(request)
    found = ApiKey.objects.newest(limit=lists.PAGE_SIZE + 1, before=asked.number)
    shown = Page.of(asked, found, lambda key: key.pk)
    context = {
        "page": shown,
        "rows": [row_of(each) for each in shown.rows],
        "curl": curl.of_path(request, "/api/v1/api-keys"),
    }
    return render(request, "actions/api_key_list.html", context)


@require_safe
@page(access.ADMIN)
def api_key_detail(request: PageRequest, prefix: str) -> HttpResponse:
    """What one key may do, and where what it did is found."""
    row = row_of(find(prefix))
    done_to_it = {"object_kind": "api_key", "object_id": str(row.key.pk)}
    context = {
        "row": row,
        "key": row.key,
        "may": [SCOPES.get(scope, scope) for scope in row.key.scopes],
        "executions_url": f"{reverse('web:executions')}?{urlencode({'actor': row.key.name})}",
        "audit_url": f"{reverse('web:audit')}?{urlencode(done_to_it)}",
        "curl": curl.of_path(request, f"/api/v1/api-keys/{row.key.prefix}"),
    }
    return render(request, "actions/api_key_detail.html", context)


@require_safe
@page(access.ADMIN)
def revoke_form(request: PageRequest, prefix: str) -> HttpResponse:
    """The confirmation, as a page of its own or as a dialog."""
    return ask(request, _question(find(prefix)))


@page(access.ADMIN)
def revoke(request: PageRequest, prefix: str) -> HttpResponse:
    """Revoke it and lead back to its page; a repeat has no further effect."""
    key = find(prefix)
    access.revoke_key(key, by=request.principal.actor)
    messages.success(request, f"Revoked: the key {key.name} opens nothing from now on.")
    return going_to(request, _url(key))


def find(prefix: str) -> ApiKey:
    """The key with that public part; raises ApiKeyNotFound."""
    key = ApiKey.objects.by_prefix(prefix)
    if key is None:
        raise ApiKeyNotFound(f"There is no API key {prefix[:32]}. The list has all of them.")
    return key


def row_of(key: ApiKey) -> KeyRow:
    """A key with the look and the word of its state."""
    if key.revoked_at is not None:
        return KeyRow(key=key, look="cancelled", words="revoked")
    if not key.is_in_force(timezone.now()):
        return KeyRow(key=key, look="skipped", words="expired")
    return KeyRow(key=key, look="succeeded", words="in force")


def _question(key: ApiKey) -> Question:
    return Question(
        title=f"Revoke {key.name}?",
        subject=f"as_{key.prefix}_…",
        words="Whoever uses this key is refused from now on. It cannot be brought back; make "
        "another one instead.",
        button="Revoke the key",
        url=reverse("web:api-key-revoke", args=[key.prefix]),
        back=_url(key),
        refusal="It has been revoked already." if key.revoked_at else "",
    )


def _url(key: ApiKey) -> str:
    return reverse("web:api-key", args=[key.prefix])
