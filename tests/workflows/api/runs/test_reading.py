"""Runs over REST: started, read, listed, their log."""

import pytest

from tests.actions.api.conftest import assert_refused
from workflows.models import Run

STEPS = {
    "first": {"action": "probe-echo", "params": {"value": "${{ params.n }}"}},
    "second": {"wait": {"for": 60}, "after": ["first"]},
}
NUMBER = {
    "type": "object",
    "properties": {"n": {"type": "integer"}, "token": {"type": "string"}},
    "required": ["n"],
    "additionalProperties": False,
}
START = "/workflows/under-test/runs?wait=0"


@pytest.fixture
def published(stage):
    """A workflow that waits after its first step."""
    return stage.publish(STEPS, params=NUMBER)


def test_a_run_is_started_and_answered_with_its_steps(api, published):
    answer = api.post(START, {"params": {"n": 1, "token": "s3cret"}, "metadata": {"for": "x"}})

    body = answer.json()
    assert (answer.status_code, body["status"], body["version"]) == (202, "running", 1)
    assert answer.headers["Location"] == body["links"]["self"] == f"/api/v1/runs/{body['id']}"
    assert [(one["name"], one["status"]) for one in body["steps"]] == [
        ("first", "queued"),
        ("second", "pending"),
    ]
    assert body["params"]["token"] != "s3cret"
    assert (body["metadata"], body["actor"]["label"]) == ({"for": "x"}, "tests")


def test_a_step_stands_as_its_execution_does(api, published, stage):
    run_id = api.post(START, {"params": {"n": 1}}).json()["id"]
    stage.engine.drain()

    body = api.get(f"/runs/{run_id}").json()

    assert (body["status"], body["reason"]) == ("waiting", "time")
    first, second = body["steps"]
    assert (first["status"], second["status"]) == ("succeeded", "waiting")
    assert first["execution"].startswith("exec_")
    assert second["execution"] is None


def test_a_run_that_has_ended_at_once_is_answered_so(api, stage):
    stage.publish(
        {"choose": {"switch": [{"when": "false", "then": []}], "otherwise": []}}, result=7
    )

    answer = api.post(START)

    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")
    assert answer.json()["result"] == 7


@pytest.mark.parametrize("params", [{}, {"n": "1"}, {"n": 1, "more": 1}])
def test_params_that_do_not_fit_start_nothing(api, published, params):
    answer = api.post(START, {"params": params})

    assert_refused(answer, 422, "params-invalid", advice="under-test")
    assert answer.json()["errors"][0]["pointer"].startswith("/params")
    assert not Run.objects.exists()


def test_what_is_archived_or_not_there_is_not_run(api, published):
    assert_refused(
        api.post("/workflows/other/runs"), 404, "workflow-not-found", advice="lists them"
    )
    api.post("/workflows/under-test/archive")
    answer = api.post(START, {"params": {"n": 1}})
    assert_refused(answer, 409, "workflow-archived", advice="take it out")


def test_a_workflow_without_a_version_is_not_run(api):
    api.post("/workflows", {"workflow": "story", "steps": {"rest": {"wait": {"for": 1}}}})

    answer = api.post("/workflows/story/runs")

    assert_refused(answer, 404, "workflow-version-not-found", advice="publish one")


def test_who_has_seen_this_revision_is_not_sent_it_again(api, published, stage):
    run_id = api.post(START, {"params": {"n": 1}}).json()["id"]
    etag = api.get(f"/runs/{run_id}").headers["ETag"]

    unchanged = api.get(f"/runs/{run_id}", headers={"If-None-Match": etag})
    stage.engine.drain()
    changed = api.get(f"/runs/{run_id}", headers={"If-None-Match": etag})

    assert (unchanged.status_code, changed.status_code) == (304, 200)


def test_runs_are_listed_the_newest_first_and_page_by_page(api, published):
    made = [api.post(START, {"params": {"n": n}}).json()["id"] for n in range(3)]

    first = api.get("/runs?limit=2").json()
    rest = api.get(f"/runs?limit=2&cursor={first['next_cursor']}").json()

    ids = [[one["id"] for one in page["entries"]] for page in (first, rest)]
    assert ids == [[made[2], made[1]], [made[0]]]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("status=running,waiting", 1),
        ("status=failed", 0),
        ("workflow=under-test", 1),
        ("workflow=other", 0),
        ("since=-1h", 1),
        ("until=-1h", 0),
        ("rerun_of=run_00000000000000000000000000", 0),
    ],
)
def test_runs_are_filtered(api, published, query, count):
    api.post(START, {"params": {"n": 1}})

    assert len(api.get(f"/runs?{query}").json()["entries"]) == count


@pytest.mark.parametrize("query", ["state=x", "status=gone", "rerun_of=exec_1", "limit=0"])
def test_filters_that_there_are_not_are_refused(api, query):
    assert_refused(api.get(f"/runs?{query}"), 400, "malformed-request", advice="")


def test_runs_are_listed_by_the_moment_of_their_acceptance(api, published):
    made = [api.post(START, {"params": {"n": n}}).json() for n in range(3)]

    for number, run in enumerate(made):
        since = api.get(f"/runs?since={run['queued_at']}").json()["entries"]
        until = api.get(f"/runs?until={run['queued_at']}").json()["entries"]
        assert {one["id"] for one in since} == {one["id"] for one in made[number:]}
        assert {one["id"] for one in until} == {one["id"] for one in made[:number]}


@pytest.mark.parametrize("query", ["status=,", "workflow=", "since=", "rerun_of=%20"])
def test_an_empty_filter_is_refused(api, published, query):
    assert_refused(api.get(f"/runs?{query}"), 400, "malformed-request", advice="")


def test_the_log_of_a_run_is_read_in_order_page_by_page(api, published):
    run_id = api.post(START, {"params": {"n": 1}}).json()["id"]

    first = api.get(f"/runs/{run_id}/events?limit=2").json()
    rest = api.get(f"/runs/{run_id}/events?cursor={first['next_cursor']}").json()

    types = [[one["type"] for one in page["entries"]] for page in (first, rest)]
    assert types == [["accepted", "started"], ["step_started"]]
    assert rest["entries"][0]["step"] == "first"


def test_a_run_outside_the_patterns_is_not_there(api, published, caller):
    run_id = api.post(START, {"params": {"n": 1}}).json()["id"]
    narrow = caller("runs:read", "runs:write", patterns=("other-*",))

    assert_refused(narrow.get(f"/runs/{run_id}"), 404, "run-not-found", advice="lists them")
    assert narrow.get("/runs").json()["entries"] == []
    assert_refused(narrow.post(START), 404, "workflow-not-found", advice="")
    assert narrow.post(f"/runs/{run_id}/cancel").status_code == 404


@pytest.mark.parametrize("run_id", ["run_1", "exec_00000000000000000000000000", "x"])
def test_an_id_that_is_none_is_told_so(api, run_id):
    assert_refused(api.get(f"/runs/{run_id}"), 404, "run-not-found", advice="Send the id")


def test_who_may_only_read_starts_nothing(api, published, caller):
    answer = caller("runs:read").post(START, {"params": {"n": 1}})

    assert_refused(answer, 403, "insufficient-scope", advice="runs:write")
