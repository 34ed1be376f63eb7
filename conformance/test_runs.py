"""Runs: the contract of executions holds for them, whatever their steps are."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx2
import pytest

from conformance.api import Api, check_refused, executed, new_name
from conformance.test_concurrency import THREADS, at_once
from do_sdk import Do, NotFound

pytestmark = pytest.mark.usefixtures("workflows")
FIELDS = {
    *("id", "object", "workflow", "version", "status", "reason", "params", "result", "error"),
    *("replayed", "idempotency", "queued_at", "started_at", "finished_at", "paused_at", "actor"),
    *("rerun_of", "rerun", "reruns", "parent", "trace_id", "request_id", "metadata", "revision"),
    *("cancel_requested_at", "steps", "links"),
}


def draw(api: Api, name: str, **params: Any) -> httpx2.Response:
    """One request; the name is its key."""
    return api.run("conformance-drawing", {"name": name, **params}, key=name)


def draw_numbered(api: Api, name: str, _number: int) -> httpx2.Response:
    """One of many equal requests."""
    return draw(api, name)


def test_a_new_key_starts_one_run_and_every_repeat_replays_it(api: Api, name: str) -> None:
    answers = [draw(api, name) for _ in range(20)]

    first = executed(answers[0])
    assert (first["status"], first["replayed"], first["idempotency"]["key"]) == (
        *("succeeded", False, name),
    )
    assert len({each.content for each in answers[1:]}) == 1
    again = executed(answers[1])
    assert (again["id"], again["result"], again["replayed"]) == (first["id"], first["result"], True)
    assert {each.headers["idempotency-expires"] for each in answers} == {
        first["idempotency"]["expires_at"]
    }
    assert api.count(**{"params.name": name}) == 1


@pytest.mark.parametrize("value", [None, 0, "", False, [], {}, -0.5, 2**53, "\u2028😀"])
def test_a_result_of_a_run_replays_as_it_is(api: Api, name: str, value: Any) -> None:
    first, again = (
        executed(api.run("conformance-echoing", {"value": value}, key=name)) for _ in range(2)
    )

    for body in (first, again):
        assert body["result"] == value
        assert type(body["result"]) is type(value)
    assert again["id"] == first["id"]


def test_without_a_key_two_requests_are_two_runs(api: Api, name: str) -> None:
    first, second = (executed(api.run("conformance-drawing", {"name": name})) for _ in range(2))

    assert first["id"] != second["id"]
    assert first["idempotency"] == {"key": None, "generation": None, "expires_at": None}
    assert api.count(**{"params.name": name}) == 2


def test_every_field_of_a_run_is_always_there(api: Api, name: str) -> None:
    good = executed(api.run("conformance-drawing", {"name": name}))
    bad = executed(api.run("conformance-declining", {"name": name}))

    assert set(good) >= FIELDS
    assert set(bad) >= FIELDS
    assert set(bad["error"]) >= {"step", "attempt", "code", "message"}


def test_other_params_are_refused_before_and_after_the_end_and_for_a_retry(
    api: Api, name: str
) -> None:
    params = {"name": name, "seconds": 1.0}
    api.run("conformance-slowing", params, key=name, prefer="respond-async")
    others = [params | {"seconds": 2}, params | {"name": "other"}]

    early = [api.run("conformance-slowing", each, key=name) for each in others]
    executed(api.run("conformance-slowing", params, key=name))
    late = [api.run("conformance-slowing", each, key=name, on_failed="retry") for each in others]

    for answer in (*early, *late):
        assert check_refused(answer, 422, "idempotency-key-reused")["errors"]
    assert api.count(**{"params.name": name}) == 1


def test_what_the_schema_fills_in_is_the_same_request(api: Api, name: str) -> None:
    first, again = executed(draw(api, name)), executed(draw(api, name))

    assert first["params"] == {"name": name, "colour": "red"}
    assert (again["id"], again["replayed"]) == (first["id"], True)


def test_a_refused_request_that_is_corrected_runs_with_the_same_key(api: Api, name: str) -> None:
    wrong = check_refused(
        api.run("conformance-drawing", {"name": 1}, key=name), 422, "params-invalid"
    )

    assert [each["pointer"] for each in wrong["errors"]] == ["/params/name"]
    assert executed(draw(api, name))["replayed"] is False


def test_a_failed_run_is_an_answer_and_replays(api: Api, name: str) -> None:
    answers = [api.run("conformance-declining", {"name": name}, key=name) for _ in range(2)]

    first, again = map(executed, answers)
    assert answers[0].headers["x-error-source"] == "action"
    assert (first["status"], first["error"]["step"], first["error"]["code"]) == (
        *("failed", "decline", "declined"),
    )
    assert (again["id"], again["replayed"]) == (first["id"], True)
    assert api.count(**{"params.name": name}) == 2


def test_retry_starts_a_linked_run_under_the_same_key(api: Api, name: str) -> None:
    failed = executed(api.run("conformance-declining", {"name": name}, key=name))

    retried = executed(
        api.run("conformance-declining", {"name": name}, key=name, on_failed="retry")
    )

    assert retried["rerun_of"] == failed["id"]
    assert (retried["replayed"], retried["idempotency"]["generation"]) == (False, 2)


@pytest.mark.parametrize("rounds", [1, pytest.param(10, marks=pytest.mark.long)])
def test_fifty_at_once_with_one_key_are_one_run(api: Api, rounds: int) -> None:
    for _ in range(rounds):
        name = new_name()

        answers = at_once(partial(draw_numbered, api, name))

        assert len({executed(each)["id"] for each in answers}) == 1
        assert len({each.json()["result"]["draw"] for each in answers}) == 1
        assert api.count(**{"params.name": name}) == 1


def test_of_two_params_at_once_one_wins_and_the_others_are_refused(api: Api, name: str) -> None:
    answers = at_once(lambda number: draw(api, name, colour=("red", "blue")[number % 2]))

    statuses = Counter(each.status_code for each in answers)
    assert statuses == {200: THREADS // 2, 422: THREADS // 2}
    assert api.count(**{"params.name": name}) == 1


def test_a_cancelled_run_is_retried_by_one_of_fifty(api: Api, name: str) -> None:
    begun = api.run("conformance-story", {"name": name}, key=name, prefer="respond-async").json()
    executed(api.post(f"/runs/{begun['id']}/cancel?wait=20", {}))

    answers = at_once(
        lambda _: api.run(
            "conformance-story",
            {"name": name},
            key=name,
            prefer="respond-async",
            on_failed="retry",
        )
    )

    [fresh] = {each.json()["id"] for each in answers}
    assert {each.status_code for each in answers} == {202}
    assert {each.json()["rerun_of"] for each in answers} == {begun["id"]}
    executed(api.post(f"/runs/{fresh}/cancel?wait=20", {}))


def test_a_second_caller_waits_with_the_first_and_gets_its_result(
    api: Api, do: Do, name: str
) -> None:
    params = {"name": name, "seconds": 1.5}
    first = do.workflow.start("conformance-slowing", params, idempotency_key=name)

    conflict = api.run("conformance-slowing", params, key=name, on_conflict="fail")
    second = executed(api.run("conformance-slowing", params, key=name))

    assert check_refused(conflict, 409, "execution-in-progress")["retriable"] is True
    assert conflict.headers["retry-after"]
    assert (second["id"], second["result"]) == (first.id, first.wait().unwrap())


def test_who_does_not_wait_is_told_where_it_will_be(api: Api, name: str) -> None:
    answer = api.run("conformance-story", {"name": name}, key=name, prefer="respond-async")

    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "respond-async"
    assert answer.headers["retry-after"]
    found = api.client.get(httpx2.URL(api.base_url).join(answer.headers["location"]))
    assert found.json()["id"] == answer.json()["id"]
    assert answer.json()["idempotency"]["expires_at"] is None
    executed(api.post(f"/runs/{answer.json()['id']}/cancel?wait=20", {}))


def test_a_waiter_who_leaves_changes_nothing(api: Api, name: str) -> None:
    params = {"name": name, "seconds": 1.0}
    with pytest.raises(httpx2.ReadTimeout):
        api.client.post(
            "/workflows/conformance-slowing/runs?wait=20",
            json={"params": params, "idempotency_key": name},
            timeout=httpx2.Timeout(10, read=0.3),
        )

    again = executed(api.run("conformance-slowing", params, key=name))

    assert again["status"] == "succeeded"
    assert api.count(**{"params.name": name}) == 1


def test_the_same_key_is_another_request_for_an_action_and_another_workflow(
    api: Api, name: str
) -> None:
    here = executed(draw(api, name))

    there = executed(api.run("conformance-echoing", {"value": 1}, key=name))
    action = executed(api.execute("conformance-draw", {"name": name}, key=name))

    assert [there["replayed"], action["replayed"]] == [False, False]
    assert there["id"] != here["id"]


def test_two_callers_share_a_key(api: Api, other: Callable[..., Api], name: str) -> None:
    mine, theirs = executed(draw(api, name)), executed(draw(other(), name))

    assert (theirs["id"], theirs["replayed"]) == (mine["id"], True)


def test_without_a_right_a_used_key_looks_like_an_unused_one(
    api: Api, other: Callable[..., Api], name: str
) -> None:
    executed(draw(api, name))
    reader = other("runs:read", "actions:execute")

    answers = [
        reader.run("conformance-drawing", {"name": name}, key=key) for key in (name, new_name())
    ]

    used, unused = (check_refused(each, 403, "insufficient-scope") for each in answers)
    del used["request_id"], unused["request_id"]
    assert used == unused


def test_a_workflow_that_is_not_there_is_refused_by_a_name_of_its_own(api: Api, do: Do) -> None:
    check_refused(api.run("conformance-nowhere"), 404, "workflow-not-found")

    with pytest.raises(NotFound) as caught:
        do.workflow.execute("conformance-nowhere", idempotency_key="k")

    assert (caught.value.code, caught.value.key) == ("workflow-not-found", "k")


def test_a_released_key_runs_anew_and_the_old_record_stays(api: Api, name: str) -> None:
    first = executed(draw(api, name))
    which = {"kind": "workflow", "name": "conformance-drawing", "key": name}

    found = api.get("/idempotency-keys", **which).json()
    released = api.client.delete("/idempotency-keys", params=which)
    second = executed(draw(api, name))

    assert (found["key"], found["run"]) == (name, first["id"])
    assert released.status_code == 200
    assert second["result"]["draw"] != first["result"]["draw"]
    assert executed(api.get(f"/runs/{first['id']}"))["result"] == first["result"]
