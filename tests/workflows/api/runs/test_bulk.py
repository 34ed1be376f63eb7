"""Many runs again over REST: counted, started, looked at, stopped."""

import pytest

from actions.models import AuditEvent
from tests.actions.api.conftest import assert_refused
from tests.fixtures.engine import TESTER
from workflows import runs

FAILED = {"status": ["failed"], "workflow": ["under-test"]}
ASKED = {
    "filters": FAILED,
    "what": "whole",
    "expected_count": 2,
    "reason": "Mail is back.",
    "spacing_seconds": 0,
}


@pytest.fixture
def two(api, stage):
    """Two runs that have failed."""
    version = stage.publish({"only": {"action": "probe-decline"}})
    made = [runs.start(version=version, params={}, by=TESTER) for _ in range(2)]
    stage.engine.drain()
    return made


def test_the_preview_counts_and_says_up_to_when(api, two):
    shown = api.post("/bulk-reruns/preview", {"filters": FAILED}).json()

    assert (shown["count"], shown["limit"]) == (2, 10_000)
    assert shown["filters"]["status"] == ["failed"]
    again = api.post("/bulk-reruns/preview", {"filters": {"until": shown["filters"]["until"][0]}})
    assert again.json()["count"] == 2


def test_the_filters_that_a_preview_answers_can_be_sent_as_they_are(api, two):
    filters = api.post("/bulk-reruns/preview", {"filters": FAILED}).json()["filters"]

    answer = api.post("/bulk-reruns", ASKED | {"filters": filters})

    assert (answer.status_code, answer.json()["filters"]) == (201, filters)


def test_a_bulk_rerun_is_started_and_told_with_its_progress(api, two, stage):
    answer = api.post("/bulk-reruns", ASKED)

    body = answer.json()
    assert (answer.status_code, body["status"], body["count"]) == (201, "running", 2)
    assert answer.headers["Location"] == f"/api/v1/bulk-reruns/{body['id']}"
    stage.engine.drain()
    after = api.get(f"/bulk-reruns/{body['id']}").json()
    assert (after["status"], after["progress"]["failed"]) == ("finished", 2)
    assert after["workflows"] == ["under-test"]
    assert [one["id"] for one in api.get("/bulk-reruns").json()["entries"]] == [body["id"]]


def test_its_runs_are_listed_with_their_reruns_a_page_at_a_time(api, two, stage):
    own = f"/bulk-reruns/{api.post('/bulk-reruns', ASKED).json()['id']}/runs"
    stage.engine.drain()

    first = api.get(f"{own}?limit=1").json()
    second = api.get(f"{own}?limit=1&cursor={first['next_cursor']}").json()

    listed = first["entries"] + second["entries"]
    assert [one["run"] for one in listed] == [run.shown_id for run in two]
    assert {one["status"] for one in listed} == {"failed"}
    assert all(api.get(f"/runs/{one['new_run']}").json()["rerun_of"] for one in listed)
    assert second["next_cursor"] is None


def test_with_another_count_than_the_confirmed_one_nothing_starts(api, two):
    answer = api.post("/bulk-reruns", ASKED | {"expected_count": 5})

    assert_refused(answer, 409, "situation-changed", advice="confirm that number")
    assert api.get("/bulk-reruns").json()["entries"] == []


def test_the_same_key_answers_what_the_first_request_started(api, two):
    first = api.post("/bulk-reruns", ASKED | {"idempotency_key": "k"})
    again = api.post("/bulk-reruns", ASKED | {"idempotency_key": "k"})
    other = api.post("/bulk-reruns", ASKED | {"idempotency_key": "k", "reason": "Another."})

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]
    assert (again.json()["replayed"], again.headers["Idempotent-Replayed"]) == (True, "true")
    assert_refused(other, 422, "idempotency-key-reused", advice="use a new key")
    noted = AuditEvent.objects.filter(object_id=first.json()["id"]).order_by("id")
    assert [one.verb.removeprefix("bulk_rerun.") for one in noted] == [
        *("started", "replayed", "mismatch_refused")
    ]


def test_a_bulk_rerun_is_stopped_and_stays_so(api, two, stage):
    own = f"/bulk-reruns/{api.post('/bulk-reruns', ASKED).json()['id']}"

    stopped = api.post(f"{own}/stop", {"reason": "Enough."}).json()
    again = api.post(f"{own}/stop", {}).json()
    stage.engine.drain()

    assert (stopped["status"], stopped["stopped_by"]) == ("stopped", "tests")
    assert again["stopped_at"] == stopped["stopped_at"]
    assert api.get(own).json()["progress"]["left_over"] == 2


def test_a_key_with_patterns_sees_none_with_workflows_beyond_them(api, two, caller):
    shown_id = api.post("/bulk-reruns", ASKED).json()["id"]
    stranger = caller("runs:read", "runs:write", patterns=["other-*"])
    friend = caller("runs:read", patterns=["under-*"])

    answer = stranger.get(f"/bulk-reruns/{shown_id}")

    assert_refused(answer, 404, "bulk-rerun-not-found", advice="lists them")
    assert stranger.get("/bulk-reruns").json()["entries"] == []
    assert_refused(stranger.post("/bulk-reruns", ASKED), 409, "situation-changed", advice="0 runs")
    assert len(friend.get("/bulk-reruns").json()["entries"]) == 1


@pytest.mark.parametrize(
    "change",
    [{"filters": {"colour": "red"}}, {"reason": ""}, {"spacing_seconds": -1}, {"what": "x"}],
)
def test_a_body_that_does_not_fit_is_refused(api, two, change):
    assert_refused(api.post("/bulk-reruns", ASKED | change), 400, "malformed-request", advice="")


@pytest.mark.parametrize("shown_id", ["bulk_1", "run_00000000000000000000000000"])
def test_what_is_no_id_of_one_is_not_found(api, shown_id):
    answer = api.get(f"/bulk-reruns/{shown_id}")

    assert_refused(answer, 404, "bulk-rerun-not-found", advice="Send the id")
