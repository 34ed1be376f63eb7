"""The first page.

Floor 5, a door.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse


def home(request: HttpRequest) -> HttpResponse:
    """Lead to the executions, which are the first thing that people look for."""
    return HttpResponseRedirect(reverse("web:executions"))
