"""Reading executions: one, the list, the log."""

import pytest

from actions.models import Execution
from tests.actions.api.conftest import assert_refused


@pytest.fixture
def three(quick_api) -> list[str]:
    """Ids of three executions, the newest first."""
    return [quick_api.execute("probe-echo", params={"value": n}).json()["id"] for n in range(3)][
        ::-1
    ]


def ids_of(answer) -> list[str]:
    return [entry["id"] for entry in answer.json()["entries"]]


def test_one_execution_is_read_as_it_was_answered(quick_api):
    value = {"later": 1e2, "a": [1.0, -0.0], "": None}
    accepted = quick_api.execute("probe-echo", key="k-1", params={"value": value})

    read = quick_api.get(f"/executions/{accepted.json()['id']}")

    assert read.status_code == 200
    assert read.content == accepted.content
    assert read.headers["Retry-After"] == "1"


def test_a_caller_who_has_this_revision_is_told_so(quick_api, three):
    path = f"/executions/{three[0]}"
    etag = quick_api.get(path).headers["ETag"]

    same = quick_api.get(path, headers={"If-None-Match": etag})
    weak = quick_api.get(path, headers={"If-None-Match": f'"x", W/{etag}'})
    star = quick_api.get(path, headers={"If-None-Match": "*"})
    other = quick_api.get(path, headers={"If-None-Match": '"x"'})

    assert [each.status_code for each in (same, weak, star, other)] == [304, 304, 304, 200]
    assert same.headers["ETag"] == etag


def test_a_new_revision_is_answered_whole(quick_api, three):
    path = f"/executions/{three[0]}"
    etag = quick_api.get(path).headers["ETag"]
    quick_api.post(f"{path}/cancel")

    answer = quick_api.get(path, headers={"If-None-Match": etag})

    assert answer.status_code == 200
    assert answer.json()["status"] == "cancelled"


def test_a_head_has_no_body(quick_api, three):
    answer = quick_api.client.head(f"/api/v1/executions/{three[0]}", headers=quick_api.headers)

    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers["ETag"]


def test_times_and_counts_of_an_ended_execution_are_there(api, engine):
    identity = api.execute("probe-flaky", params={"name": "one", "fail_times": 0}).json()["id"]
    engine.drain()

    body = api.get(f"/executions/{identity}").json()

    assert body["queued_at"] <= body["started_at"] <= body["finished_at"]
    assert body["queued_at"].endswith("Z")
    assert body["duration_ms"] >= 0
    assert (body["attempt"], body["max_attempts"], body["next_attempt_at"]) == (1, 3, None)


def test_an_execution_that_will_be_tried_again_says_when_and_why(api, engine):
    identity = api.execute("probe-flaky", params={"name": "one", "fail_times": 9}).json()["id"]
    Execution.objects.update(max_attempts=99)
    engine.drain()

    answer = api.get(f"/executions/{identity}")

    assert answer.json()["status"] == "retrying"
    assert answer.json()["next_attempt_at"] > answer.json()["started_at"]
    assert answer.json()["error"]["code"] == "not_yet"
    assert answer.headers["X-Error-Source"] == "action"


def test_secrets_are_masked_wherever_they_are_shown(quick_api):
    value = {"password": "canary-7f3a", "plain": "seen", "list": [{"api_key": "canary-7f3a"}]}
    accepted = quick_api.execute("probe-echo", params={"value": value})

    answers = [
        accepted,
        quick_api.get(f"/executions/{accepted.json()['id']}"),
        quick_api.get("/executions"),
        quick_api.get(f"/executions/{accepted.json()['id']}/events"),
    ]

    assert accepted.json()["params"]["value"]["plain"] == "seen"
    assert not any("canary" in answer.content.decode() for answer in answers)


def test_the_list_has_the_newest_first(quick_api, three):
    answer = quick_api.get("/executions")

    assert ids_of(answer) == three
    assert answer.json()["next_cursor"] is None


def test_the_list_comes_in_pages(quick_api, three):
    first = quick_api.get("/executions?limit=2")
    quick_api.execute("probe-nothing")

    second = quick_api.get(f"/executions?limit=2&cursor={first.json()['next_cursor']}")

    assert ids_of(first) + ids_of(second) == three
    assert second.json()["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("action=probe-echo", True),
        ("action=probe-mark", False),
        ("action=probe-mark,probe-echo", True),
        ("status=queued", True),
        ("status=failed,cancelled", False),
        ("key=k-1", True),
        ("key=k-2", False),
        ("q=needle-77", True),
        ("q=needle", False),
        ("actor=tests", True),
        ("params.value=needle-77", True),
        ("params.value=needle-78", False),
        ("params.needle=value", False),
        ("error=smtp", False),
        ("worker=host%3A1", False),
        ("since=-1h", True),
        ("until=-1h", False),
        ("error_code=timeout", False),
        ("since=2020-01-01T00:00:00Z", True),
        ("until=2020-01-01T00:00:00Z", False),
    ],
)
def test_the_list_is_filtered(quick_api, query, found):
    identity = quick_api.execute("probe-echo", key="k-1", params={"value": "needle-77"}).json()[
        "id"
    ]

    assert ids_of(quick_api.get(f"/executions?{query}")) == ([identity] if found else [])


def test_who_failed_since_yesterday_with_which_words_is_one_address(api, engine):
    found = [
        api.execute("probe-odd-error", params={"oddity": oddity}).json()["id"]
        for oddity in ("large details", "NUL in the details")
    ]
    engine.drain()

    answer = api.get(
        "/executions?params.oddity=NUL+in+the+details&status=failed&since=-24h&error=ODD"
    )

    assert ids_of(answer) == found[1:]


@pytest.mark.parametrize("guess", ["canary-1", "canary-2"])
def test_a_secret_cannot_be_guessed_by_a_filter(quick_api, guess):
    quick_api.execute("probe-marked", params={"password": "canary-1"})

    answer = quick_api.get(f"/executions?params.password={guess}")

    assert answer.status_code == 200
    assert ids_of(answer) == []


def test_a_list_costs_the_same_queries_however_long_it_is(
    quick_api, three, django_assert_max_num_queries
):
    with django_assert_max_num_queries(4):
        answer = quick_api.get("/executions")

    assert len(ids_of(answer)) == 3


def test_the_log_tells_what_happened_in_order(api, engine):
    identity = api.execute("probe-flaky", params={"name": "one", "fail_times": 0}).json()["id"]
    engine.drain()

    entries = api.get(f"/executions/{identity}/events").json()["entries"]

    assert [entry["seq"] for entry in entries] == [1, 2, 3, 4]
    types = [entry["type"] for entry in entries]
    assert types == ["accepted", "queued", "attempt_started", "succeeded"]
    assert entries[0]["actor"]["label"] == "tests"
    assert entries[2]["worker"]


def test_the_log_comes_in_pages_and_can_be_followed(quick_api, three):
    path = f"/executions/{three[0]}/events"

    first = quick_api.get(f"{path}?limit=1").json()
    second = quick_api.get(f"{path}?limit=1&cursor={first['next_cursor']}").json()
    rest = quick_api.get(f"{path}?cursor=2").json()

    assert [entry["seq"] for entry in first["entries"] + second["entries"]] == [1, 2]
    assert (first["next_cursor"], second["next_cursor"]) == ("1", None)
    assert rest["entries"] == []


@pytest.mark.parametrize("cursor", ["-1", "x", "9" * 10, "%D9%A3"])
def test_a_place_in_the_log_that_is_none_is_refused(quick_api, three, cursor):
    answer = quick_api.get(f"/executions/{three[0]}/events?cursor={cursor}")

    assert_refused(answer, 400, "malformed-request", advice="begin with the first")
