"""Moments and spans as people read them, exact on demand.

Floor 5, a door. Every moment is a `<time>` with its ISO form; the reader's zone is the one that
the page was opened in (see actions/web/preferences.py). Words about "now" are written on the
server and kept fresh by static/js/time.js.
"""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from actions import sentences

register = template.Library()

_MINUTE, _HOUR, _DAY = 60.0, 3_600.0, 86_400.0


@register.simple_tag
def when(moment: datetime | None, *, exact: bool = False) -> SafeString | str:
    """The clock time of a moment, with its date unless that is today; `exact` adds milliseconds."""
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        iso(moment),
        full(moment),
        clock(moment, exact=exact),
    )


@register.simple_tag
def ago(moment: datetime | None) -> SafeString | str:
    """How long ago a moment was, kept fresh in the browser."""
    if moment is None:
        return ""
    seconds = (timezone.now() - moment).total_seconds()
    return format_html(
        '<time datetime="{}" title="{}" data-relative>{}</time>',
        iso(moment),
        full(moment),
        relative(seconds),
    )


@register.simple_tag
def ticking(moment: datetime | None) -> SafeString | str:
    """The time since a moment, counting up in the browser."""
    if moment is None:
        return ""
    seconds = (timezone.now() - moment).total_seconds()
    return format_html(
        '<time datetime="{}" title="since {}" data-elapsed>{}</time>',
        iso(moment),
        full(moment),
        span(timedelta(seconds=max(seconds, 0.0))),
    )


@register.filter
def span(length: timedelta | None) -> str:
    """A span with the units that fit it: `38 ms`, `6.1 s`, `1 min 2 s`."""
    return "" if length is None else sentences.duration(length)


def clock(moment: datetime, *, exact: bool = False) -> str:
    """The clock time of a moment in the reader's zone, with its date unless that is today."""
    local = timezone.localtime(moment)
    fraction = f".{local.microsecond // 1000:03d}" if exact else ""
    return f"{_day_before_clock(local)}{local:%H:%M:%S}{fraction}"


@register.filter
def iso(moment: datetime) -> str:
    """A moment in ISO 8601, in UTC, to the millisecond."""
    return timezone.localtime(moment, timezone.get_default_timezone()).isoformat(
        timespec="milliseconds"
    )


@register.filter
def full(moment: datetime) -> str:
    """A moment with date, clock and the name of the reader's zone."""
    local = timezone.localtime(moment)
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03d} {local.tzname()}"


@register.simple_tag
def zone_name() -> str:
    """The short name of the reader's zone: `UTC`, `CET`."""
    return timezone.localtime().tzname() or "UTC"


def relative(seconds: float) -> str:
    """How a distance from now is said: `just now`, `18 min ago`, `in 4 s`."""
    distance = abs(seconds)
    if distance < 1:
        return "just now"
    words = _one_unit(distance)
    return f"{words} ago" if seconds > 0 else f"in {words}"


def _day_before_clock(local: datetime) -> str:
    today = timezone.localtime()
    if local.date() == today.date():
        return ""
    if local.year == today.year:
        return f"{local.day} {local:%b} "
    return f"{local.day} {local:%b %Y} "


def _one_unit(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{int(seconds)} s"
    if seconds < _HOUR:
        return f"{int(seconds / _MINUTE)} min"
    if seconds < 2 * _DAY:
        return f"{int(seconds / _HOUR)} h"
    return f"{int(seconds / _DAY)} days"
