"""The JSON Schema of the document, for editors that complete and check as one types. Floor 5."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from workflows.definition import EXAMPLES, SCHEMA

_HOUR = 3_600


@require_safe
@cache_control(max_age=_HOUR, public=True)
def workflow_schema(request: HttpRequest) -> HttpResponse:
    """The schema, with an example of each kind of step; nobody need be known to read it."""
    schema = {**SCHEMA, "examples": list(EXAMPLES.values())}
    return JsonResponse(schema, content_type="application/schema+json")
