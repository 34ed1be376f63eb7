"""Drafts over REST: read, changed by who has seen them, compared, validated."""

import pytest

from tests.actions.api.conftest import assert_refused
from tests.workflows.api.conftest import READER, put
from workflows import yaml

DOCUMENT = {"workflow": "story", "steps": {"rest": {"wait": {"for": 1}}}}
BROKEN = {"workflow": "story", "bogus": 1, "steps": {"go": {"action": "no-such"}}}
DRAFT = "/workflows/story/draft"


@pytest.fixture
def story(api):
    """A workflow with a draft."""
    return api.post("/workflows", DOCUMENT).json()


def test_a_draft_is_changed_with_the_etag_that_was_read(api, story):
    etag = api.get(DRAFT).headers["ETag"]

    answer = put(api, DRAFT, DOCUMENT | {"timeout": 60}, seen=etag)

    assert (answer.status_code, answer.headers["ETag"][:3]) == (200, '"2.')
    assert api.get(DRAFT).json()["document"]["timeout"] == 60


@pytest.mark.parametrize("path", [DRAFT, "/workflows/story"])
def test_who_has_seen_it_is_not_sent_it_again(api, story, path):
    known = {"If-None-Match": api.get(path).headers["ETag"]}

    unchanged = api.get(path, headers=known)
    put(api, DRAFT, BROKEN, seen='"1"')
    changed = api.get(path, headers=known)

    assert (unchanged.status_code, changed.status_code) == (304, 200)


def test_the_forms_of_a_draft_have_etags_of_their_own(api, story):
    known = {"If-None-Match": api.get(DRAFT).headers["ETag"]}

    as_yaml = api.client.get(
        f"/api/v1{DRAFT}", headers=api.headers | known | {"Accept": "application/yaml"}
    )

    assert as_yaml.status_code == 200


@pytest.mark.parametrize(
    ("seen", "status", "code"),
    [
        (None, 428, "version-required"),
        ('"7"', 412, "version-changed"),
        ("x", 400, "malformed-request"),
    ],
)
def test_without_it_nothing_is_changed(api, story, seen, status, code):
    answer = put(api, DRAFT, BROKEN, seen=seen)

    assert_refused(answer, status, code, advice="")
    assert api.get(DRAFT).json()["number"] == 1


def test_a_draft_need_not_be_valid_and_says_what_is_wrong(api, story):
    answer = put(api, DRAFT, BROKEN, seen='"1"').json()

    problems = [(one["pointer"], one["severity"]) for one in answer["problems"]]
    assert problems == [("/bogus", "error"), ("/steps/go/action", "error")]
    assert answer["more_problems"] == 0


def test_a_draft_is_read_and_written_as_yaml(api, story):
    read = api.client.get(f"/api/v1{DRAFT}", headers=api.headers | {"Accept": "application/yaml"})
    changed = read.content.decode().replace("for: 1", "for: 2")

    answer = api.client.put(
        f"/api/v1{DRAFT}",
        changed,
        content_type="application/yaml",
        headers=api.headers | {"If-Match": read.headers["ETag"]},
    )

    assert read.headers["Content-Type"] == "application/yaml; charset=utf-8"
    assert yaml.load(read.content.decode()) == [DOCUMENT]
    assert answer.json()["document"]["steps"] == {"rest": {"wait": {"for": 2}}}


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"\xff", 400), (b"a: 1\n---\nb: 2", 400), (b"a: [", 422), (b"a: &x 1", 422), (b"", 400)],
)
def test_what_is_no_yaml_of_one_document_is_refused(api, story, body, status):
    answer = api.client.put(
        f"/api/v1{DRAFT}",
        body,
        content_type="application/yaml",
        headers=api.headers | {"If-Match": '"1"'},
    )

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_document_that_is_another_workflow_is_refused(api, story):
    answer = put(api, DRAFT, DOCUMENT | {"workflow": "other"}, seen='"1"')

    assert_refused(answer, 422, "definition-invalid", advice="Must be story")


def test_a_document_is_validated_without_being_stored(api):
    answer = api.post("/workflows/validate", BROKEN)

    assert answer.json()["valid"] is False
    assert api.post("/workflows/validate", DOCUMENT).json()["valid"] is True
    assert api.get("/workflows").json()["entries"] == []


def test_the_diff_of_a_draft_tells_what_publishing_would_change(api, story):
    api.post("/workflows/story/versions")
    put(api, DRAFT, DOCUMENT | {"timeout": 60}, seen='"1"')

    answer = api.get("/workflows/story/diff").json()

    assert [one["sentence"] for one in answer["changes"]] == ["The run: timeout was added: 60."]
    assert (answer["from"], answer["to"]) == ("active", "draft")


def test_before_the_first_version_everything_is_new(api, story):
    [change] = api.get("/workflows/story/diff").json()["changes"]

    assert (change["kind"], change["subject"], change["name"]) == ("added", "step", "rest")


@pytest.mark.parametrize(
    ("query", "status"), [("from=x", 400), ("to=7", 404), ("to=99999999999", 400), ("at=1", 400)]
)
def test_ends_of_a_diff_that_are_none_are_refused(api, story, query, status):
    assert api.get(f"/workflows/story/diff?{query}").status_code == status


def test_who_may_only_read_may_neither_save_nor_ask_what_there_is(api, story, caller):
    reader = caller(*READER)

    validated = reader.post("/workflows/validate", DOCUMENT)

    assert_refused(validated, 403, "insufficient-scope", advice="workflows:write")
    assert_refused(
        put(reader, DRAFT, DOCUMENT, seen='"1"'),
        403,
        "insufficient-scope",
        advice="workflows:write",
    )
