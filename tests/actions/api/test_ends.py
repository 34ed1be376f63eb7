"""What is stored of executions that took several attempts, gave up, or returned no result."""

import pytest
from django.test import override_settings

from actions.models import Attempt, Execution
from tests.fixtures.waiting import wait_until
from tests.probe.models import Mark


def work_off(engine) -> None:
    """Run all attempts, each when it is due."""

    def all_has_ended() -> bool:
        engine.drain()
        return not Execution.objects.filter(finished_at=None).exists()

    wait_until(all_has_ended, what="the end")


def test_two_failures_and_a_success_are_one_execution_of_three_attempts(api, engine):
    params = {"name": "one", "fail_times": 2}
    accepted = api.execute("probe-flaky", key="k-1", params=params).json()
    work_off(engine)

    again = api.execute("probe-flaky", key="k-1", params=params).json()

    assert (again["id"], again["status"], again["replayed"]) == (accepted["id"], "succeeded", True)
    assert (again["attempt"], again["result"], again["error"]) == (3, 3, None)
    assert list(Attempt.objects.order_by("number").values_list("outcome", flat=True)) == [
        "failed",
        "failed",
        "succeeded",
    ]
    assert (Execution.objects.count(), Mark.objects.count()) == (1, 1)


def test_what_has_no_attempt_left_is_replayed_and_a_retry_is_linked_to_it(api, engine):
    params = {"name": "one", "fail_times": 9}
    first = api.execute("probe-flaky", key="k-1", params=params).json()
    work_off(engine)

    again = api.execute("probe-flaky", key="k-1", params=params).json()
    attempts = Attempt.objects.count()
    second = api.execute("probe-flaky", key="k-1", params=params, on_failed="retry").json()

    assert (again["id"], again["status"], again["attempt"]) == (first["id"], "failed", 3)
    assert again["error"]["code"] == "not_yet"
    assert attempts == 3
    assert (second["retry_of"], second["idempotency"]["generation"]) == (first["id"], 2)
    assert Mark.objects.count() == 0


@pytest.mark.parametrize("poison", ["result: a set", "result: NaN"])
def test_a_result_that_is_no_json_fails_and_is_not_tried_again(api, engine, tmp_path, poison):
    params = {"poison": poison, "note": str(tmp_path / "note")}
    accepted = api.execute("poison-outside", key="k-1", params=params).json()
    work_off(engine)

    again = api.execute("poison-outside", key="k-1", params=params).json()

    assert (again["id"], again["status"], again["result"]) == (accepted["id"], "failed", None)
    assert (again["error"]["code"], again["attempt"]) == ("result_invalid", 1)
    assert (tmp_path / "note.starts").read_text().split() == ["1"]


def test_a_result_that_is_too_large_fails_whole_and_is_not_tried_again(api, engine):
    params = {"value": "x" * 2_000}
    with override_settings(ACTIONSITE_MAX_RESULT_BYTES=1_024):
        accepted = api.execute("probe-echo", key="k-1", params=params).json()
        work_off(engine)

    again = api.execute("probe-echo", key="k-1", params=params).json()

    assert (again["id"], again["status"], again["result"]) == (accepted["id"], "failed", None)
    assert (again["error"]["code"], again["attempt"]) == ("result_too_large", 1)
    assert "1,024" in again["error"]["message"]


def test_a_key_of_a_command_and_one_of_an_action_are_different(api, engine):
    first = api.execute("probe-mark", key="k-1", params={"name": "one"}).json()
    engine.drain()

    rerun = api.post(f"/executions/{first['id']}/rerun", {"idempotency_key": "k-1"}).json()
    again = api.execute("probe-mark", key="k-1", params={"name": "one"}).json()

    assert rerun["id"] != first["id"]
    assert (again["id"], again["replayed"]) == (first["id"], True)
    assert rerun["idempotency"]["key"] is None
