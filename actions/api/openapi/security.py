"""The ways in, as OpenAPI's security schemes. Floor 5.

Importing this room is what makes the schema's generator know them.
"""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class BearerKeyScheme(OpenApiAuthenticationExtension):
    """An API key in the Authorization header."""

    target_class = "actions.api.authentication.BearerKey"
    name = "apiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, Any]:
        """The scheme."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key, made by manage.py create_api_key.",
        }


class BrowserSessionScheme(OpenApiAuthenticationExtension):
    """The session of somebody who has signed in."""

    target_class = "actions.api.authentication.BrowserSession"
    name = "browserSession"

    def get_security_definition(self, auto_schema: object) -> dict[str, Any]:
        """The scheme."""
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "Of a person who has signed in; writing calls also need X-CSRFToken.",
        }
