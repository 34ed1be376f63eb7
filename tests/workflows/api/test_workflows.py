"""Workflows over REST: listed, made, archived; and the schema of the document."""

import pytest
from jsonschema import Draft202012Validator

from tests.actions.api.conftest import assert_refused
from tests.workflows.api.conftest import EDITOR
from workflows.definition import EXAMPLES

DOCUMENT = {"workflow": "story", "steps": {"rest": {"wait": {"for": 1}}}}


def test_a_workflow_is_made_by_its_document(api):
    answer = api.post("/workflows", DOCUMENT)

    assert answer.status_code == 201
    assert answer.headers["ETag"] == api.get("/workflows/story").headers["ETag"]
    assert answer.headers["Location"] == "/api/v1/workflows/story"
    body = answer.json()
    assert (body["name"], body["active_version"], body["draft"]) == ("story", None, 1)
    assert api.get("/workflows/story").json() == body


def test_a_name_that_is_taken_is_refused(api):
    api.post("/workflows", DOCUMENT)

    assert_refused(api.post("/workflows", DOCUMENT), 409, "workflow-exists", advice="another name")


@pytest.mark.parametrize("name", ["Not A Name", "validate", 7, None])
def test_a_document_without_a_possible_name_is_refused(api, name):
    answer = api.post("/workflows", DOCUMENT | {"workflow": name})

    assert_refused(answer, 422, "definition-invalid", advice="Must be the name")


def test_workflows_are_listed_by_name_page_by_page(api):
    for name in ("b", "a", "c"):
        api.post("/workflows", DOCUMENT | {"workflow": name})

    first = api.get("/workflows?limit=2").json()
    rest = api.get(f"/workflows?limit=2&cursor={first['next_cursor']}").json()

    names = [[one["name"] for one in page["entries"]] for page in (first, rest)]
    assert names == [["a", "b"], ["c"]]


def test_what_is_archived_takes_no_versions(api):
    api.post("/workflows", DOCUMENT)

    archived = api.post("/workflows/story/archive", {"note": "Old."}).json()
    refused = api.post("/workflows/story/versions")
    taken_out = api.post("/workflows/story/unarchive").json()

    assert_refused(refused, 409, "workflow-archived", advice="take it out")
    assert (archived["archived_at"] is None, taken_out["archived_at"]) == (False, None)


def test_a_workflow_outside_the_patterns_is_not_there(api, caller):
    api.post("/workflows", DOCUMENT)
    narrow = caller(*EDITOR, patterns=("other-*",))

    assert_refused(narrow.get("/workflows/story"), 404, "workflow-not-found", advice="lists them")
    assert narrow.get("/workflows").json()["entries"] == []
    assert narrow.post("/workflows", DOCUMENT | {"workflow": "x"}).status_code == 404
    assert narrow.post("/workflows/story/archive").status_code == 404


def test_what_was_done_is_in_the_audit_log(api, caller):
    api.post("/workflows", DOCUMENT)
    api.post("/workflows/story/versions", {"message": "First."})

    events = caller("admin").get("/audit-events?object_kind=workflow").json()["entries"]

    verbs = [one["verb"] for one in events]
    assert verbs == ["workflow.activated", "workflow.published", "workflow.created"]
    assert events[1]["data"] == {"version": 1, "message": "First."}


def test_the_schema_of_the_document_is_there_for_every_editor(client):
    answer = client.get("/api/v1/schemas/workflow.json")

    assert answer.headers["Content-Type"] == "application/schema+json"
    schema = answer.json()
    check = Draft202012Validator(schema)
    assert schema["examples"] == list(EXAMPLES.values())
    assert all(check.is_valid(example) for example in schema["examples"])
    assert client.post("/api/v1/schemas/workflow.json").status_code == 405
