"""Stored: every end of an accepted execution is kept, and no refusal takes a key."""

import pytest

from conformance.api import Api, check_refused, executed

ODDITIES = {"not JSON": "result_invalid", "too large": "result_too_large"}


def test_a_refused_request_that_is_corrected_executes_with_the_same_key(
    api: Api, name: str
) -> None:
    check_refused(api.execute("conformance-draw", {"name": 1}, key=name), 422, "params-invalid")

    corrected = executed(api.execute("conformance-draw", {"name": name}, key=name))

    assert (corrected["status"], corrected["replayed"]) == ("succeeded", False)


def test_a_permanent_error_is_an_answer_and_replays(api: Api, name: str) -> None:
    answer = api.execute("conformance-decline", {"name": name}, key=name)
    again = executed(api.execute("conformance-decline", {"name": name}, key=name))

    first = executed(answer)
    assert answer.headers["x-error-source"] == "action"
    assert (first["status"], first["result"], first["attempt"]) == ("failed", None, 1)
    assert first["error"]["code"] == "declined"
    assert first["error"]["details"] == {"name": name}
    assert (again["id"], again["attempt"], again["replayed"]) == (first["id"], 1, True)


def test_two_failures_and_a_success_are_one_execution_of_three_attempts(
    api: Api, name: str
) -> None:
    params = {"name": name, "fail_times": 2}

    ended = executed(api.execute("conformance-flaky", params, key=name))

    assert (ended["status"], ended["attempt"], ended["error"]) == ("succeeded", 3, None)
    assert api.count(**{"params.name": name}) == 1


def test_what_is_exhausted_replays_and_retry_makes_a_linked_one(api: Api, name: str) -> None:
    params = {"name": name, "fail_times": 9}
    failed = executed(api.execute("conformance-flaky", params, key=name))

    replay = executed(api.execute("conformance-flaky", params, key=name))
    retried = executed(api.execute("conformance-flaky", params, key=name, on_failed="retry"))

    assert (failed["status"], failed["attempt"]) == ("failed", 3)
    assert (replay["id"], replay["replayed"]) == (failed["id"], True)
    assert (retried["retry_of"], retried["replayed"]) == (failed["id"], False)
    assert retried["idempotency"]["generation"] == 2


@pytest.mark.parametrize("oddity", ODDITIES)
def test_a_result_that_cannot_be_kept_fails_and_is_not_executed_again(
    api: Api, name: str, oddity: str
) -> None:
    failed = executed(api.execute("conformance-odd", {"oddity": oddity}, key=name))

    again = executed(api.execute("conformance-odd", {"oddity": oddity}, key=name))

    assert (failed["status"], failed["result"]) == ("failed", None)
    assert failed["error"]["code"] == ODDITIES[oddity]
    assert (again["id"], again["replayed"]) == (failed["id"], True)


def test_a_rerun_is_a_new_execution_and_leaves_the_key_with_the_first(api: Api, name: str) -> None:
    first = executed(api.execute("conformance-draw", {"name": name}, key=name))

    new = executed(api.post(f"/executions/{first['id']}/rerun?wait=20", {"reason": "a check"}))
    replay = executed(api.execute("conformance-draw", {"name": name}, key=name))

    assert (new["rerun_of"], new["idempotency"]["key"]) == (first["id"], None)
    assert new["result"]["draw"] != first["result"]["draw"]
    assert replay["id"] == first["id"]


def test_a_command_with_a_key_is_done_once(api: Api, name: str) -> None:
    first = executed(api.execute("conformance-draw", {"name": name}))
    path = f"/executions/{first['id']}/rerun?wait=20"

    new, again = (executed(api.post(path, {"idempotency_key": name})) for _ in range(2))

    assert (again["id"], again["replayed"]) == (new["id"], True)


def test_a_released_key_executes_anew_and_the_old_record_stays(api: Api, name: str) -> None:
    first = executed(api.execute("conformance-draw", {"name": name}, key=name))

    released = api.client.delete(
        "/idempotency-keys", params={"name": "conformance-draw", "key": name}
    )
    second = executed(api.execute("conformance-draw", {"name": name}, key=name))

    assert released.status_code == 200
    assert second["result"]["draw"] != first["result"]["draw"]
    assert executed(api.get(f"/executions/{first['id']}"))["result"] == first["result"]
