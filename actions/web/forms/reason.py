"""Why somebody does something, as the form that asks for it holds it.

Floor 5, a door.
"""

from django.http import HttpRequest

MAX_REASON = 500


def reason_of(request: HttpRequest) -> str:
    """The reason that was sent, up to MAX_REASON characters; empty if there is none."""
    return request.POST.get("reason", "").replace("\x00", "").strip()[:MAX_REASON]
