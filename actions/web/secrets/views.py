"""The list of secrets, the page of one, and *Remove…*.

Floor 5, a door.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from actions import access, vault
from actions.errors import SecretNotFound
from actions.models import Secret, SecretVersion
from actions.web import curl, lists
from actions.web.confirm import Question, ask
from actions.web.door import PageRequest, going_to, page
from actions.web.lists import Asked, Page

SHOWN_VERSIONS = 20


@require_safe
@page(access.ADMIN)
def secret_list(request: PageRequest) -> HttpResponse:
    """Fifty secrets by name, with what is known of each."""
    asked = Asked.of(request)
    after = asked.place
    found = list(Secret.objects.catalogue().following(after)[: lists.PAGE_SIZE + 1])
    context = {
        "page": Page.of(asked, found, lambda secret: secret.name),
        "curl": curl.of_path(request, "/api/v1/secrets"),
    }
    return render(request, "actions/secret_list.html", context)


@require_safe
@page(access.ADMIN)
def secret_detail(request: PageRequest, name: str) -> HttpResponse:
    """Who may read a secret, and when it was set by whom."""
    secret = find(name)
    done_to_it = {"object_kind": "secret", "object_id": secret.name}
    context = {
        "secret": secret,
        "versions": SecretVersion.objects.of(secret.name, limit=SHOWN_VERSIONS),
        "snippet": f'ctx.secret("{secret.name}")',
        "audit_url": f"{reverse('web:audit')}?{urlencode(done_to_it)}",
        "curl": curl.of_path(request, f"/api/v1/secrets/{secret.name}"),
    }
    return render(request, "actions/secret_detail.html", context)


@require_safe
@page(access.ADMIN)
def remove_form(request: PageRequest, name: str) -> HttpResponse:
    """The confirmation, as a page of its own or as a dialog."""
    secret = find(name)
    question = Question(
        title=f"Remove {secret.name}?",
        subject=secret.name,
        words="Its values are forgotten and no attempt can read it from now on. Actions that "
        "need it fail until it is set again.",
        button="Remove the secret",
        url=reverse("web:secret-remove", args=[secret.name]),
        back=reverse("web:secret", args=[secret.name]),
    )
    return ask(request, question)


@page(access.ADMIN)
def remove(request: PageRequest, name: str) -> HttpResponse:
    """Remove it and lead to the list."""
    vault.remove(name, by=request.principal.actor)
    messages.success(request, f"Removed: the secret {name} and its values are gone.")
    return going_to(request, reverse("web:secrets"))


def find(name: str) -> Secret:
    """The secret of that name; raises SecretNotFound."""
    secret = Secret.objects.named(name)
    if secret is None:
        raise SecretNotFound(f"There is no secret {name[:63]}. The list has all of them.")
    return secret
