"""What sets a secret: a new one, a new value, and who may read it.

Floor 5, a door. A value comes in and never goes out, not even in the form that was refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from actions import access, vault
from actions.errors import MalformedRequest
from actions.models import Secret
from actions.web.door import PageRequest, going_to, page
from actions.web.forms.patterns import patterns_of, text_of
from actions.web.secrets.views import find

VALUE = "value"


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretForm:
    """What a form holds, but for the value; the fields that it has are those that are not None."""

    heading: str
    button: str
    back: str
    has_value: bool = False
    name: str | None = None
    patterns: str | None = None


@require_safe
@page(access.ADMIN)
def new_form(request: PageRequest) -> HttpResponse:
    """The form of a new secret, empty."""
    return _show(request, _new())


@sensitive_post_parameters(VALUE)
@page(access.ADMIN)
def make(request: PageRequest) -> HttpResponse:
    """Make a secret, unless there is one of that name."""
    name, patterns = request.POST.get("name", "").strip(), request.POST.get("patterns", "")
    try:
        _refuse_taken(name)
        return _set(request, name, actions=patterns_of(patterns))
    except MalformedRequest as refusal:
        return _show(request, _new(name=name, patterns=patterns), refusal=refusal)


@require_safe
@page(access.ADMIN)
def value_form(request: PageRequest, name: str) -> HttpResponse:
    """The form of a new value, empty: the old one cannot be read."""
    return _show(request, _of_value(find(name)))


@sensitive_post_parameters(VALUE)
@page(access.ADMIN)
def set_value(request: PageRequest, name: str) -> HttpResponse:
    """Give a secret that is there a new value; who may read it stays."""
    secret = find(name)
    try:
        return _set(request, secret.name)
    except MalformedRequest as refusal:
        return _show(request, _of_value(secret), refusal=refusal)


@require_safe
@page(access.ADMIN)
def readers_form(request: PageRequest, name: str) -> HttpResponse:
    """The form of who may read a secret, as it is."""
    secret = find(name)
    return _show(request, _of_readers(secret, text_of(secret.actions)))


@page(access.ADMIN)
def set_readers(request: PageRequest, name: str) -> HttpResponse:
    """Let other actions read it; its value stays."""
    secret, patterns = find(name), request.POST.get("patterns", "")
    try:
        vault.allow(secret.name, patterns_of(patterns), by=request.principal.actor)
    except MalformedRequest as refusal:
        return _show(request, _of_readers(secret, patterns), refusal=refusal)
    messages.success(request, "Changed: attempts that begin from now on go by it.")
    return going_to(request, _url(secret.name))


def _set(request: PageRequest, name: str, *, actions: Sequence[str] | None = None) -> HttpResponse:
    secret = vault.set_secret(name, _value(request), by=request.principal.actor, actions=actions)
    messages.success(
        request,
        f"Set: {secret.name} has version {secret.version_number}. Its value is not shown again.",
    )
    return going_to(request, _url(secret.name))


def _refuse_taken(name: str) -> None:
    if Secret.objects.named(name) is not None:
        raise MalformedRequest(f"There is a secret {name} already. Open it to give it a new value.")


def _value(request: PageRequest) -> str:
    """What was pasted. A form sends each line's end as two characters; the last one is no part."""
    return request.POST.get(VALUE, "").replace("\r\n", "\n").removesuffix("\n")


def _new(*, name: str = "", patterns: str = "") -> SecretForm:
    return SecretForm(
        heading="A new secret",
        button="Set the secret",
        back=reverse("web:secrets"),
        has_value=True,
        name=name,
        patterns=patterns,
    )


def _of_value(secret: Secret) -> SecretForm:
    return SecretForm(
        heading=f"A new value for {secret.name}",
        button=f"Set version {secret.version_number + 1}",
        back=_url(secret.name),
        has_value=True,
    )


def _of_readers(secret: Secret, patterns: str) -> SecretForm:
    return SecretForm(
        heading=f"Who may read {secret.name}",
        button="Change who may read it",
        back=_url(secret.name),
        patterns=patterns,
    )


def _show(
    request: PageRequest, form: SecretForm, *, refusal: MalformedRequest | None = None
) -> HttpResponse:
    context = {"form": form, "refusal": refusal, "max_bytes": vault.MAX_BYTES}
    return render(request, "actions/secret_form.html", context, status=422 if refusal else 200)


def _url(name: str) -> str:
    return reverse("web:secret", args=[name])
