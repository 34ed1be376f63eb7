"""What a view of a log tells the stream that is made of it. Floor 5."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from actions.api.rendering import JsonOnly, accepted_types

STREAM = "text/event-stream"


@dataclass(kw_only=True, slots=True)
class Following:
    """Whose log is to be followed and after which number; None if it is not.

    `is_full` says that nobody more can be served.
    """

    is_full: bool
    execution_id: UUID | None = None
    after: int = 0


class JsonOrStream(JsonOnly):
    """Answers whoever accepts JSON or a stream."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """The JSON renderer, also for what is told before a stream begins."""
        if wants_stream(request):
            return next(iter(renderers)), "application/json"
        return super().select_renderer(request, renderers, format_suffix)


def wants_stream(request: Request) -> bool:
    """Whether the caller asks to follow."""
    return request.method == "GET" and STREAM in accepted_types(request)
