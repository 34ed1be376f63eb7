"""The page behind each problem's `type`: what happened and what to do. Floor: the site."""

from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from actionsite.problems.catalogue import KINDS

PAGES = Path(__file__).resolve().parent.parent.parent / "docs" / "problems"


@require_safe
def problem_page(request: HttpRequest, code: str) -> HttpResponse:
    """The page of one problem, as the plain text it is written in."""
    if code not in KINDS:
        raise Http404(f"No problem has the code {code}.")
    text = (PAGES / f"{code}.md").read_text()
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
