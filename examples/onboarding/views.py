"""The button that switches the demo's mail server."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from actions import access
from onboarding.demo import control


@require_POST
@login_required
def switch_mail(request: HttpRequest) -> HttpResponse:
    """Start or stop the mail server (`turn`), then go back to `next`; operators only.

    The answer is 404 outside the demo, 403 without the right to change executions. Where the
    services do not answer, a message on the next page says so.
    """
    if not settings.ACTIONSITE_DEMO:
        raise Http404
    if not access.principal_of(request.user).may("executions:write"):
        raise PermissionDenied
    turn = request.POST.get("turn")
    try:
        match turn:
            case "start" | "stop":
                control.switch_mail(turn)
            case _:
                messages.error(request, "Say whether to start or to stop the mail server.")
    except control.DemoUnreachable as trouble:
        messages.error(request, str(trouble))
    return HttpResponseRedirect(_next(request))


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else "/"
