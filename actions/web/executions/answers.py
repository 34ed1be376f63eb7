"""How a press of a button is answered: by leading to the execution that it was about.

Floor 5, a door.
"""

from django.http import HttpResponse
from django.urls import reverse

from actions.models import Execution
from actions.web.door import PageRequest, going_to


def leading_to(request: PageRequest, execution: Execution) -> HttpResponse:
    """The way to an execution's page, for a browser and for htmx."""
    return going_to(request, reverse("web:execution", args=[execution.shown_id]))
