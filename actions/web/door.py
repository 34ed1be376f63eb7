"""The way into every page: who it is, what they may, and how a refusal looks.

Floor 5, a door.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods
from psycopg.errors import QueryCanceled

from actions import access, errors
from actions.web.preferences import zone_of

P = ParamSpec("P")

# How a refusal is answered in a browser; whatever is not here is a conflict with what is.
STATUS: dict[type[errors.Refusal], int] = {
    errors.MalformedRequest: 400,
    errors.MalformedJson: 400,
    errors.InsufficientScope: 403,
    errors.ActionNotFound: 404,
    errors.ExecutionNotFound: 404,
    errors.ApiKeyNotFound: 404,
    errors.SecretNotFound: 404,
    errors.IdempotencyKeyNotFound: 404,
    errors.PayloadTooLarge: 413,
    errors.ParamsInvalid: 422,
    errors.IdempotencyKeyInvalid: 422,
    errors.IdempotencyKeyReused: 422,
    errors.NotAccepting: 503,
    errors.VaultLocked: 503,
}
CONFLICT = 409


class PageRequest(HttpRequest):
    """A request whose sender is known."""

    principal: access.Principal
    role: str


PageView = Callable[Concatenate[PageRequest, P], HttpResponse]


def page(permission: str) -> Callable[[PageView[P]], Callable[..., HttpResponse]]:
    """Let a view answer only those who are signed in and hold `permission`.

    The view's times are in the reader's zone, and a Refusal that it raises becomes a page.
    """

    def decorate(view: PageView[P]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _ask_to_sign_in(request)
            known = _with_principal(request)
            with timezone.override(zone_of(request)):
                try:
                    require(known, permission)
                    response = view(known, *args, **kwargs)
                except errors.Refusal as refusal:
                    response = refused(known, refusal)
                except OperationalError as trouble:
                    response = _took_too_long(known, trouble)
            return _private(response)

        answer.permission = permission  # type: ignore[attr-defined]  # a test compares all pages
        return answer

    return decorate


def by_method(*, get: Callable[..., Any], post: Callable[..., Any]) -> Callable[..., Any]:
    """One address for a form and for what it sends, so that a refused form is shown in place."""

    @require_http_methods(["GET", "HEAD", "POST"])
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = (post if request.method == "POST" else get)(
            request, *args, **kwargs
        )
        return response

    answer.by_method = {"GET": get, "POST": post}  # type: ignore[attr-defined]  # as above
    return answer


def require(request: PageRequest, permission: str, *, name: str | None = None) -> None:
    """Raise InsufficientScope unless the sender may do that, with the thing of that name."""
    if not request.principal.may(permission, name):
        raise errors.InsufficientScope(
            f"Your account may not do this: it needs the right {permission}"
            f"{f' for {name}' if name else ''}. Ask an administrator for it."
        )


def refused(request: HttpRequest, refusal: errors.Refusal) -> HttpResponse:
    """The page, or for htmx the fragment, that says what was refused and what to do."""
    status = STATUS.get(type(refusal), CONFLICT)
    template = "shared/_refused.html" if is_fragment(request) else "error.html"
    return render(request, template, {"refusal": refusal, "status": status}, status=status)


def going_to(request: HttpRequest, url: str) -> HttpResponse:
    """The way to a page after a press, for a browser and for htmx."""
    if not is_fragment(request):
        return HttpResponseRedirect(url)
    response = HttpResponse(status=200)
    response["HX-Redirect"] = url
    return response


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def _with_principal(request: HttpRequest) -> PageRequest:
    known = cast(PageRequest, request)
    known.principal = access.principal_of(
        request.user, request_id=getattr(request, "request_id", "")
    )
    known.role = role_of(known.principal)
    return known


def role_of(principal: access.Principal) -> str:
    """The role whose rights these are, for people to read."""
    for role, right in (
        ("admin", "admin"),
        ("editor", "actions:write"),
        ("operator", "actions:execute"),
        ("viewer", "executions:read"),
    ):
        if principal.may(right):
            return role
    return "no role"


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    if not is_fragment(request):
        return redirect_to_login(request.get_full_path())
    # A fragment's place is no place for a login form: the whole page goes there.
    current = urlsplit(request.headers.get("HX-Current-URL", ""))
    target = current.path + (f"?{current.query}" if current.query else "")
    login = resolve_url("login")
    response = HttpResponse(status=401)
    response["HX-Redirect"] = f"{login}?{urlencode({'next': target or '/'})}"
    return response


def _took_too_long(request: HttpRequest, trouble: OperationalError) -> HttpResponse:
    if not isinstance(trouble.__cause__, QueryCanceled):
        raise trouble
    refusal = errors.NotAccepting(
        "This list took too long to read and was given up. Narrow it: choose a shorter time, "
        "a status or an action."
    )
    return refused(request, refusal)


def _private(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ("HX-Request", "Cookie"))
    return response
