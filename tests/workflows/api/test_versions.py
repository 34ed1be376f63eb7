"""Versions over REST: published, listed, read, activated."""

import pytest

from tests.actions.api.conftest import assert_refused
from tests.workflows.api.conftest import put

DOCUMENT = {"workflow": "story", "steps": {"rest": {"wait": {"for": 1}}}}
VERSIONS = "/workflows/story/versions"


@pytest.fixture
def story(api):
    """A workflow with one version."""
    api.post("/workflows", DOCUMENT)
    return api.post(VERSIONS, {"message": "First."})


def publish(api, **more):
    number = api.get("/workflows/story/draft").json()["number"]
    put(api, "/workflows/story/draft", DOCUMENT | more, seen=f'"{number}"')
    return api.post(VERSIONS)


def test_publishing_answers_the_new_version(api, story):
    body = story.json()

    assert (story.status_code, story.headers["Location"]) == (201, f"/api/v1{VERSIONS}/1")
    assert (body["version"], body["active"], body["message"]) == (1, True, "First.")
    assert body["document"] == DOCUMENT


def test_publishing_the_same_again_answers_the_version_that_is_there(api, story):
    again = api.post(VERSIONS)

    assert (again.status_code, again.json()["version"]) == (200, 1)


def test_a_draft_with_errors_is_not_published(api, story):
    answer = publish(api, steps={"go": {"action": "no-such"}})

    assert_refused(answer, 422, "definition-invalid", advice="There is no action no-such")
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/steps/go/action", "unknown-action")


def test_a_draft_that_somebody_has_changed_meanwhile_is_not_published(api, story):
    answer = api.post(VERSIONS, headers={"If-Match": '"9"'})

    assert_refused(answer, 412, "version-changed", advice="Read it again")


def test_versions_are_listed_the_newest_first_and_page_by_page(api, story):
    publish(api, timeout=1)
    publish(api, timeout=2)

    first = api.get(f"{VERSIONS}?limit=2").json()
    rest = api.get(f"{VERSIONS}?limit=2&cursor={first['next_cursor']}").json()

    numbers = [[one["version"] for one in page["entries"]] for page in (first, rest)]
    assert numbers == [[3, 2], [1]]
    assert rest["next_cursor"] is None


def test_a_version_is_read_as_json_and_as_yaml(api, story):
    path = f"{VERSIONS}/1"

    text = api.client.get(f"/api/v1{path}", headers=api.headers | {"Accept": "application/yaml"})

    assert api.get(path).json()["document"] == DOCUMENT
    assert text.content.decode().startswith("workflow: story\nsteps:\n  rest:\n")


def test_an_older_version_is_activated_to_roll_back(api, story):
    publish(api, timeout=1)

    answer = api.post("/workflows/story/activate", {"version": 1})

    assert answer.json()["active_version"] == 1
    actives = [one["active"] for one in api.get(VERSIONS).json()["entries"]]
    assert actives == [False, True]


def test_a_version_may_be_published_without_being_activated(api, story):
    put(api, "/workflows/story/draft", DOCUMENT | {"timeout": 5}, seen='"1"')

    answer = api.post(VERSIONS, {"activate": False})

    assert (answer.json()["version"], answer.json()["active"]) == (2, False)


@pytest.mark.parametrize("number", ["7", "99999999999999999999"])
def test_a_version_that_is_not_there_is_told_so(api, story, number):
    answer = api.get(f"{VERSIONS}/{number}")

    assert_refused(answer, 404, "workflow-version-not-found", advice="lists them")


@pytest.mark.parametrize("body", [{}, {"version": "1"}, {"version": 0}, {"version": 1, "x": 1}])
def test_activating_needs_a_number(api, story, body):
    answer = api.post("/workflows/story/activate", body)

    assert_refused(answer, 400, "malformed-request", advice="")


def test_an_action_outside_the_patterns_of_a_key_cannot_be_called_through_a_workflow(
    engine, caller
):
    narrow = caller("workflows:read", "workflows:write", patterns=("story", "charge-*"))
    narrow.post("/workflows", {"workflow": "story", "steps": {"go": {"action": "probe-echo"}}})

    answer = narrow.post(VERSIONS)

    assert_refused(answer, 422, "definition-invalid", advice="There is no action probe-echo")
