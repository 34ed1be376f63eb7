"""How a press of a button is answered: by leading to the execution that it was about.

Floor 5, a door.
"""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from actions.models import Execution
from actions.web.door import PageRequest, is_fragment


def leading_to(request: PageRequest, execution: Execution) -> HttpResponse:
    """The way to an execution's page, for a browser and for htmx."""
    url = reverse("web:execution", args=[execution.shown_id])
    if not is_fragment(request):
        return HttpResponseRedirect(url)
    response = HttpResponse(status=200)
    response["HX-Redirect"] = url
    return response
