"""The same thing from a program: commands and snippets that a reader can copy.

Floor 5, a door. A key never stands in them; `$API_KEY` is the reader's own.
"""

import json
import shlex
from collections.abc import Sequence

from django.http import HttpRequest
from django.utils.http import urlencode

from actions.jsontypes import JSONObject


def of_path(request: HttpRequest, path: str) -> str:
    """Read what is at a path of the API."""
    return " \\\n  ".join([f"curl {shlex.quote(_url(request, path))}", *_HEADERS])


def of_list(request: HttpRequest, pairs: Sequence[tuple[str, str]]) -> str:
    """Read the executions that a page lists."""
    query = f"?{urlencode(pairs)}" if pairs else ""
    return of_path(request, f"/api/v1/executions{query}")


def of_execution(request: HttpRequest, shown_id: str) -> str:
    """Read one execution."""
    return of_path(request, f"/api/v1/executions/{shown_id}")


def of_execute(request: HttpRequest, name: str, params: JSONObject) -> str:
    """Execute an action once, under a key."""
    body = json.dumps({"params": params}, ensure_ascii=False)
    return " \\\n  ".join(
        [
            f"curl -X POST {shlex.quote(_url(request, f'/api/v1/actions/{name}/executions'))}",
            *_HEADERS,
            f"-H {shlex.quote(f'Idempotency-Key: {name}-1')}",
            "-H 'Content-Type: application/json'",
            f"-d {shlex.quote(body)}",
        ]
    )


def in_python(request: HttpRequest, name: str, params: JSONObject) -> str:
    """Execute an action from Python, with nothing but the standard library."""
    body = json.dumps({"params": params}, ensure_ascii=False)
    return f"""\
import os
from urllib.request import Request, urlopen

request = Request(
    {_url(request, f"/api/v1/actions/{name}/executions")!r},
    data={body!r}.encode(),
    headers={{
        "Authorization": "Bearer " + os.environ["API_KEY"],
        "Content-Type": "application/json",
        "Idempotency-Key": {f"{name}-1"!r},
    }},
)
print(urlopen(request).read().decode())"""


_HEADERS = ('-H "Authorization: Bearer $API_KEY"',)


def _url(request: HttpRequest, path: str) -> str:
    return request.build_absolute_uri(path)
