"""/api/docs/: the endpoints as a plain page made from the OpenAPI schema. Floor: the site.

No script and nothing from elsewhere; tools read /api/schema/ itself.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from actionsite.problems.catalogue import KINDS

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """One method of one address."""

    method: str
    path: str
    summary: str
    description: str


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """Every endpoint, and every problem with the way to its page."""
    problems = sorted(KINDS.values(), key=lambda kind: (kind.status, kind.code))
    return render(request, "api_docs.html", {"endpoints": endpoints(), "problems": problems})


@cache
def endpoints() -> tuple[Endpoint, ...]:
    """The endpoints in the schema's order; made once, for the schema is code."""
    paths: dict[str, dict[str, Any]] = SchemaGenerator().get_schema(public=True)["paths"]
    return tuple(
        Endpoint(
            method=method.upper(),
            path=path,
            summary=operation.get("summary", ""),
            description=operation.get("description", ""),
        )
        for path, operations in paths.items()
        for method, operation in operations.items()
        if method in METHODS
    )
