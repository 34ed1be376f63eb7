"""Basics: one key, one effect, and every repeat is answered from the record."""

from typing import Any

import pytest

from conformance.api import Api, check_refused, executed


def test_a_new_key_executes_once(api: Api, name: str) -> None:
    first = executed(api.execute("conformance-draw", {"name": name}, key=name))

    assert (first["status"], first["replayed"]) == ("succeeded", False)
    assert first["idempotency"]["key"] == name
    assert api.count(**{"params.name": name}) == 1


def test_the_same_key_with_the_same_params_replays(api: Api, name: str) -> None:
    first = executed(api.execute("conformance-draw", {"name": name}, key=name))

    answer = api.execute("conformance-draw", {"name": name}, key=name)

    again = executed(answer)
    assert answer.headers["idempotent-replayed"] == "true"
    assert again["replayed"] is True
    assert (again["id"], again["result"]) == (first["id"], first["result"])
    assert api.count(**{"params.name": name}) == 1


@pytest.mark.parametrize("value", [None, 0, "", False, [], {}, -0.5, "\u2028😀"])
def test_a_result_replays_as_it_is(api: Api, name: str, value: Any) -> None:
    first = executed(api.execute("conformance-echo", {"value": value}, key=name))

    again = executed(api.execute("conformance-echo", {"value": value}, key=name))

    for body in (first, again):
        assert body["result"] == value
        assert type(body["result"]) is type(value)
    assert again["id"] == first["id"]


def test_without_a_key_two_requests_are_two_executions(api: Api, name: str) -> None:
    first, second = (executed(api.execute("conformance-draw", {"name": name})) for _ in range(2))

    assert first["id"] != second["id"]
    assert first["result"]["draw"] != second["result"]["draw"]
    assert first["idempotency"] == {"key": None, "generation": None, "expires_at": None}


def test_an_action_that_requires_a_key_refuses_to_go_without(api: Api, name: str) -> None:
    check_refused(api.execute("conformance-needs-key"), 400, "idempotency-key-required")

    assert executed(api.execute("conformance-needs-key", key=name))["replayed"] is False


def test_an_action_that_derives_its_key_takes_the_params_for_it(api: Api, name: str) -> None:
    first, again = (
        executed(api.execute("conformance-derives-key", {"name": name})) for _ in range(2)
    )

    assert (again["id"], again["replayed"]) == (first["id"], True)


@pytest.mark.parametrize("count", [50, pytest.param(1000, marks=pytest.mark.long)])
def test_many_repeats_have_one_effect_and_the_same_bytes(api: Api, name: str, count: int) -> None:
    executed(api.execute("conformance-draw", {"name": name}, key=name))

    bodies = {
        api.execute("conformance-draw", {"name": name}, key=name).content for _ in range(count)
    }

    assert len(bodies) == 1
    assert api.count(**{"params.name": name}) == 1


def test_the_first_answer_and_a_replay_tell_the_same_expiry(api: Api, name: str) -> None:
    first, again = (
        api.execute("conformance-draw", {"name": name}, key=name).headers for _ in range(2)
    )

    assert first["idempotency-expires"] == again["idempotency-expires"]


def test_the_key_may_stand_in_the_body(api: Api, name: str) -> None:
    by_header = executed(api.execute("conformance-draw", {"name": name}, key=name))

    in_body = api.execute("conformance-draw", {"name": name}, idempotency_key=name)
    in_both = api.execute("conformance-draw", {"name": name}, key=name, idempotency_key=name)

    assert {executed(each)["id"] for each in (in_body, in_both)} == {by_header["id"]}


def test_every_field_of_an_execution_is_always_there(api: Api, name: str) -> None:
    answer = executed(api.execute("conformance-decline", {"name": name}))

    assert set(answer) >= {
        *("id", "object", "action", "version", "status", "params", "result", "error", "replayed"),
        *("idempotency", "attempt", "max_attempts", "queued_at", "started_at", "finished_at"),
        *("duration_ms", "next_attempt_at", "cause", "retry_of", "rerun_of", "run", "step"),
        *("trace_id", "request_id", "metadata", "links"),
    }
    assert set(answer["error"]) >= {
        *("type", "code", "message", "retriable", "outcome", "details", "attempt")
    }


def test_a_request_id_is_echoed_and_kept(api: Api, name: str) -> None:
    answer = api.post(
        "/actions/conformance-draw/executions?wait=20",
        {"params": {"name": name}},
        headers={"X-Request-Id": "conformance-1"},
    )

    assert answer.headers["x-request-id"] == "conformance-1"
    assert executed(answer)["request_id"] == "conformance-1"
