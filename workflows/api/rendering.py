"""JSON, or YAML for whoever asks for it. Floor 5."""

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from actions.api.rendering import CompactJson, JsonOnly, accepted_types
from workflows import yaml

YAML = "application/yaml"


class DocumentYaml(BaseRenderer):
    """The document of a draft or of a version as YAML; its other fields are in the JSON form."""

    media_type = YAML
    format = "yaml"
    charset = "utf-8"

    def render(
        self,
        data: Any,  # noqa: A002, RUF100  # the framework's name for it
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The bytes of the body."""
        return yaml.dump([data["document"]]).encode()


class JsonOrYaml(JsonOnly):
    """Answers YAML where it is named, else as JSON."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """The renderer for what the caller accepts; raises NotAcceptable."""
        if request.method in ("GET", "HEAD") and YAML in accepted_types(request):
            return DocumentYaml(), YAML
        return super().select_renderer(request, [CompactJson()], format_suffix)
