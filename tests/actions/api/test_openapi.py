"""The API described for programs: valid, true, and of the caller's own actions."""

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from actions import registry
from actions.api.openapi import examples, parts
from actions.api.permissions import PERMISSIONS
from actions.filters import AuditFilters, ExecutionFilters
from actions.names import is_internal
from actionsite.problems.catalogue import KINDS
from tests.actions.api.conftest import Caller, assert_fits
from workflows.filters import RunFilters

PATHS = {
    "/api/v1/actions",
    "/api/v1/actions/{name}",
    "/api/v1/actions/{name}/executions",
    "/api/v1/actions/{name}/disable",
    "/api/v1/actions/{name}/enable",
    "/api/v1/audit-events",
    "/api/v1/executions",
    "/api/v1/executions/batch",
    "/api/v1/api-keys",
    "/api/v1/api-keys/{prefix}",
    "/api/v1/idempotency-keys",
    "/api/v1/secrets",
    "/api/v1/secrets/{name}",
    "/api/v1/executions/{execution_id}",
    "/api/v1/executions/{execution_id}/cancel",
    "/api/v1/executions/{execution_id}/events",
    "/api/v1/executions/{execution_id}/waiting",
    "/api/v1/executions/{execution_id}/rerun",
    "/api/v1/workflows",
    "/api/v1/workflows/validate",
    "/api/v1/workflows/{name}",
    "/api/v1/workflows/{name}/draft",
    "/api/v1/workflows/{name}/diff",
    "/api/v1/workflows/{name}/versions",
    "/api/v1/workflows/{name}/versions/{number}",
    "/api/v1/workflows/{name}/activate",
    "/api/v1/workflows/{name}/archive",
    "/api/v1/workflows/{name}/unarchive",
    "/api/v1/workflows/{name}/runs",
    "/api/v1/runs",
    "/api/v1/runs/{run_id}",
    "/api/v1/runs/{run_id}/events",
    "/api/v1/runs/{run_id}/waiting",
    "/api/v1/runs/{run_id}/events/{name}",
    "/api/v1/runs/{run_id}/cancel",
    "/api/v1/runs/{run_id}/pause",
    "/api/v1/runs/{run_id}/resume",
    "/api/v1/runs/{run_id}/steps/{name}/answer",
    "/api/v1/runs/{run_id}/steps/{name}/rerun",
    "/api/v1/runs/{run_id}/rerun-preview",
    "/api/v1/runs/{run_id}/rerun",
    "/api/v1/bulk-reruns",
    "/api/v1/bulk-reruns/preview",
    "/api/v1/bulk-reruns/{bulk_id}",
    "/api/v1/bulk-reruns/{bulk_id}/runs",
    "/api/v1/bulk-reruns/{bulk_id}/stop",
}


def document_for(caller: Caller) -> dict[str, Any]:
    """What a caller is served."""
    answer = caller.client.get(
        "/api/schema/", headers=caller.headers | {"Accept": "application/json"}
    )
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


def test_the_document_is_valid_and_made_without_a_warning_or_a_database():
    written = io.StringIO()

    call_command("spectacular", "--validate", "--fail-on-warn", stdout=written)

    assert written.getvalue().startswith("openapi: 3.1.1")


def test_every_call_is_described(db):
    paths = document_for(Caller())["paths"]

    assert set(paths) == PATHS
    operations = [each for path in paths.values() for each in path.values()]
    assert len(operations) == len(PERMISSIONS)
    assert all(each["summary"] and each["description"] for each in operations)
    assert all(each["security"] == [{"apiKey": []}, {"browserSession": []}] for each in operations)


@pytest.mark.parametrize(
    ("path", "filters"),
    [
        ("/api/v1/executions", ExecutionFilters),
        ("/api/v1/audit-events", AuditFilters),
        ("/api/v1/runs", RunFilters),
    ],
)
def test_every_filter_is_described(db, path, filters):
    described = document_for(Caller())["paths"][path]["get"]["parameters"]

    names = {each["name"] for each in described if each["in"] == "query"}

    assert names == set(filters.__dataclass_fields__) | {"cursor", "limit"}


@pytest.mark.parametrize("name", ["SUCCEEDED", "FAILED", "QUEUED"])
def test_the_examples_of_executions_have_their_shape(name):
    assert_fits(getattr(examples, name), "Execution")


def test_the_example_of_a_problem_has_its_shape():
    assert_fits(examples.PROBLEM, "Problem")


def test_problems_are_described_with_the_status_that_they_have():
    described = {code: KINDS[code].status for code in parts.STATUS_OF}

    assert described == parts.STATUS_OF


def test_who_is_not_known_is_told_of_no_action(catalogue):
    assert "probe" not in str(document_for(Caller()))


def test_a_caller_is_told_of_each_action_within_the_patterns(catalogue, caller):
    narrow = caller(patterns=("probe-ec*", "probe-flaky"))

    added = set(document_for(narrow)["paths"]) - PATHS

    assert added == {f"/api/v1/actions/{name}/executions" for name in ("probe-echo", "probe-flaky")}


def test_a_caller_who_may_not_read_the_catalogue_is_told_of_no_action(catalogue, caller):
    assert set(document_for(caller("executions:read"))["paths"]) == PATHS


def test_the_document_with_every_action_is_valid(quick_api):
    document = document_for(quick_api)

    validate_schema(document)

    assert set(document["paths"]) - PATHS == {
        f"/api/v1/actions/{name}/executions"
        for name in registry.all_specs()
        if not is_internal(name)
    }


def test_the_schemas_of_an_action_refuse_what_the_action_refuses(quick_api):
    document = document_for(quick_api)
    operation = document["paths"]["/api/v1/actions/create-invoice/executions"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    check = Draft202012Validator(schema | {"components": document["components"]})

    assert check.is_valid({"params": {"orderId": "order-1", "amount": 1}})
    assert not check.is_valid({"params": {"orderId": "order-1", "amount": "1"}})
    assert not check.is_valid({"params": {"orderId": "order-1", "amount": 1, "more": 1}})


def test_the_plain_page_lists_the_calls(db, client: Client):
    page = client.get("/api/docs/").content.decode()

    assert all(path in page for path in PATHS)


def test_every_answer_has_the_headers_that_all_have(quick_api):
    document = document_for(quick_api)

    for path, operations in document["paths"].items():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                headers = response["headers"].keys()
                assert headers >= {"Allow", "X-Request-Id"}, (path, status)
                assert status < "400" or "X-Error-Source" in headers, (path, status)
                may_be_known = "ETag" in headers and status == "200" and "get" in operations
                assert not may_be_known or "304" in operations["get"]["responses"], path


def test_what_takes_a_key_takes_it_as_a_header_too(quick_api):
    for path, operations in document_for(quick_api)["paths"].items():
        if path.endswith("/rerun-preview") or "post" not in operations:
            continue
        content = operations["post"].get("requestBody", {"content": {}})["content"]
        shape = content.get("application/json", {}).get("schema", {})
        headers = {one["name"] for one in operations["post"].get("parameters", ())}
        takes_key = "idempotency_key" in shape.get("properties", {})
        assert ("Idempotency-Key" in headers) == takes_key, path
