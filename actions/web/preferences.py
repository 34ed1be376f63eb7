"""What one browser prefers: its theme and the zone in which it reads times.

Floor 5, a door. Both are cookies, so that the server draws the first paint right.
"""

from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

THEMES = ("light", "dark", "system")
THEME_COOKIE = "theme"
ZONE_COOKIE = "zone"
YEAR_SECONDS = 365 * 24 * 60 * 60
UTC_NAME = "UTC"


def theme_of(request: HttpRequest) -> str:
    """The chosen theme; `system` follows the reader's machine."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return theme if theme in THEMES else "system"


def zone_of(request: HttpRequest) -> ZoneInfo:
    """The zone in which this browser reads times; UTC until it says otherwise."""
    name = request.COOKIES.get(ZONE_COOKIE, UTC_NAME)
    return ZoneInfo(name if name in available_timezones() else UTC_NAME)


def next_theme(theme: str) -> str:
    """The theme that the switch leads to."""
    return THEMES[(THEMES.index(theme) + 1) % len(THEMES)]


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Remember the theme or the zone, and go back to the page it was chosen on."""
    response = HttpResponseRedirect(back_to(request))
    theme, zone = request.POST.get("theme"), request.POST.get("zone")
    if theme in THEMES:
        _remember(response, THEME_COOKIE, theme)
    if zone and zone in available_timezones():
        _remember(response, ZONE_COOKIE, zone)
    return response


def back_to(request: HttpRequest) -> str:
    """The page named by the form's `next`, if it is one of ours, else the first page."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_ours else reverse("web:home")


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=YEAR_SECONDS, samesite="Lax", httponly=True)
