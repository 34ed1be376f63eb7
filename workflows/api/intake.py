"""What a request brings besides JSON: a document as YAML. Floor 5."""

from django.conf import settings
from rest_framework.request import Request

from actions.api import intake
from actions.errors import MalformedRequest, PayloadTooLarge
from actions.jsontypes import JSONObject
from workflows import yaml
from workflows.api.rendering import YAML

_ANY = {"type": "object"}


def document_of(request: Request) -> JSONObject:
    """The document that is the request's body, as JSON or YAML; raises the refusals of a body."""
    kind = (request.content_type or "").partition(";")[0].strip().lower()
    if kind != YAML:
        return intake.body_of(request, shape=_ANY)
    raw = request._request.body
    if len(raw) > settings.ACTIONSITE_MAX_BODY_BYTES:
        raise PayloadTooLarge(
            f"The body has {len(raw):,} bytes; this service takes "
            f"{settings.ACTIONSITE_MAX_BODY_BYTES:,}."
        )
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise MalformedRequest("The body is not UTF-8; send YAML in that encoding.") from None
    found = yaml.load(text)
    if len(found) > 1:
        raise MalformedRequest(f"The body has {len(found)} documents; send them one by one.")
    return found[0]
