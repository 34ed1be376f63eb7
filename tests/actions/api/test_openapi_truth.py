"""What is answered is what the document says of it: results, and the headers beside them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import override_settings
from jsonschema import Draft202012Validator

from actions import access
from actions.models import ActionVersion
from tests.actions.api.conftest import Caller
from tests.actions.api.test_openapi import document_for

MARKED = {"type": "object", "properties": {"pin": {"type": "integer", "x-secret": True}}}
LATER = {"type": "object", "properties": {"zz": {}}, "required": ["zz"]}
# What HTTP has, and what every web page has.
OF_HTTP = {
    *("content-type", "content-length", "cache-control", "vary", "x-content-type-options"),
    *("referrer-policy", "cross-origin-opener-policy", "x-frame-options"),
    *("content-security-policy", "permissions-policy", "strict-transport-security"),
}
DRAFT = {"workflow": "described", "steps": {"ask": {"approval": {"message": "May I?"}}}}


@pytest.fixture
def api(engine, caller) -> Iterator[Caller]:
    """Somebody who may do everything, where requests are counted."""
    with override_settings(ACTIONSITE_RATE_LIMIT=1_000):
        yield caller(*access.PERMISSIONS)


def ended(api, engine, **body: Any) -> HttpResponse:
    """The answer of a replay: its execution has ended."""
    api.execute("probe-echo", key="k-1", **body)
    engine.drain()
    return api.execute("probe-echo", key="k-1", **body)


def fits(document: dict[str, Any], answer: HttpResponse) -> bool:
    """Whether the answer is one that the document tells of probe-echo."""
    operation = document["paths"]["/api/v1/actions/probe-echo/executions"]["post"]
    schema = operation["responses"][str(answer.status_code)]["content"]["application/json"][
        "schema"
    ]
    whole = schema | {"components": document["components"]}
    return Draft202012Validator(whole).is_valid(answer.json())


def result_schema(schema: dict[str, Any]) -> None:
    ActionVersion.objects.filter(action__name="probe-echo").update(result_schema=schema)


def test_a_number_that_is_masked_is_an_answer_that_the_document_tells(api, engine):
    result_schema(MARKED)

    answer = ended(api, engine, params={"value": {"pin": 48213}})

    assert answer.json()["result"] == {"pin": "••••••"}
    assert fits(document_for(api), answer)


def test_the_result_of_an_earlier_version_is_an_answer_that_the_document_tells(api, engine):
    answer = ended(api, engine, params={"value": {"a": 1}})
    result_schema(LATER)

    assert answer.json()["result"] == {"a": 1}
    assert fits(document_for(api), answer)


def test_the_document_says_why_a_result_may_be_another_one(api, engine):
    document = document_for(api)

    operation = document["paths"]["/api/v1/actions/probe-mark/executions"]["post"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    own, nothing, other = schema["allOf"][1]["properties"]["result"]["anyOf"]
    assert own["$ref"].endswith("/probe-mark.result")
    assert nothing == {"type": "null"}
    assert "masked" in other["description"]
    assert "earlier version" in other["description"]


def told(document: dict[str, Any], answer: HttpResponse) -> set[str]:
    """The headers of an answer to such a request, as the document names them."""
    path, method = answer.request["PATH_INFO"], answer.request["REQUEST_METHOD"].lower()
    matching = (
        operations
        for template, operations in sorted(document["paths"].items(), key=lambda one: "{" in one[0])
        if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path)
    )
    response = next(matching)[method]["responses"][str(answer.status_code)]
    return {name.lower() for name in response["headers"]}


def sent(answer: HttpResponse) -> set[str]:
    return {name.lower() for name in answer.headers} - OF_HTTP


def answers(api, engine) -> list[HttpResponse]:
    """One of every kind."""
    queued = api.execute("probe-nothing", key="k-1", wait=1)
    path = f"/executions/{queued.json()['id']}"
    waiting = [
        queued,
        api.get(path),
        api.send("DELETE", "/idempotency-keys?name=probe-nothing&key=k-1"),
    ]
    waiting.append(api.get(path, headers={"If-None-Match": waiting[1].headers["ETag"]}))
    cancelled = [api.post(f"{path}/cancel", {"idempotency_key": "c-1"}) for _ in range(2)]
    failed = api.execute("probe-decline", key="k-2")
    engine.drain()
    path = f"/executions/{failed.json()['id']}"
    known = api.get(path).headers["ETag"]
    ended = [
        api.get(path, headers={"Prefer": "wait=1"}),
        api.get(path, headers={"If-None-Match": known, "Prefer": "wait=1"}),
        api.execute("probe-decline", key="k-2"),
        *(api.post(f"{path}/rerun", {"idempotency_key": "r-1"}) for _ in range(2)),
    ]
    return [*waiting, *cancelled, *ended, *of_workflows(api)]


def of_workflows(api) -> list[HttpResponse]:
    made = api.post("/workflows", DRAFT)
    published = [api.post("/workflows/described/versions", {}) for _ in range(2)]
    run = api.post("/workflows/described/runs?wait=0", {"idempotency_key": "k"})
    path = f"/runs/{run.json()['id']}"
    read = api.get(path, headers={"Prefer": "wait=0"})
    known = api.get(path, headers={"If-None-Match": read.headers["ETag"]})
    paused = [api.post(f"{path}/pause", {"idempotency_key": "p"}) for _ in range(2)]
    cancelled = [api.post(f"{path}/cancel", {"idempotency_key": "c"}) for _ in range(2)]
    gone = api.get(path, headers={"If-None-Match": api.get(path).headers["ETag"]})
    return [made, *published, run, read, known, *paused, *cancelled, gone, api.get("/runs/run_x")]


def test_every_header_of_an_answer_is_in_the_document(api, engine):
    document = document_for(api)

    found = [
        (one.request["REQUEST_METHOD"], one.request["PATH_INFO"], one.status_code, name)
        for one in answers(api, engine)
        for name in sorted(sent(one) - told(document, one))
    ]

    assert found == []
