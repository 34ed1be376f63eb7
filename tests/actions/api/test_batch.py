"""Many requests in one call."""

from actions.models import Execution
from tests.actions.api.conftest import assert_refused, stored


def ask(api, *executions):
    return api.post("/executions/batch", {"executions": list(executions)})


def test_each_request_of_a_batch_is_accepted_or_refused_by_itself(api, engine):
    answer = ask(
        api,
        {"action": "probe-echo", "params": {"value": 1}},
        {"action": "probe-mark", "params": {}},
        {"action": "missing"},
        {"action": "probe-echo", "params": {"value": 2}, "metadata": {"order": 7}},
    )
    engine.drain()

    entries = answer.json()["entries"]
    assert answer.status_code == 200
    assert [entry["refusal"] and entry["refusal"]["code"] for entry in entries] == [
        None,
        "params-invalid",
        "action-not-found",
        None,
    ]
    assert entries[1]["refusal"]["errors"][0]["pointer"] == "/params/name"
    assert list(Execution.objects.order_by("id").values_list("result", flat=True)) == [1, 2]
    assert entries[3]["execution"]["metadata"] == {"order": 7}


def test_a_batch_with_a_used_key_replays_that_item(api, engine):
    first = api.execute("probe-echo", key="k", params={"value": 1}).json()
    engine.drain()

    entries = ask(
        api,
        {"action": "probe-echo", "params": {"value": 1}, "idempotency_key": "k"},
        {"action": "probe-echo", "params": {"value": 1}, "idempotency_key": "l"},
    ).json()["entries"]

    assert entries[0]["execution"]["id"] == first["id"]
    assert entries[0]["execution"]["replayed"] is True
    assert entries[1]["execution"]["id"] != first["id"]


def test_a_key_that_is_used_twice_in_a_batch_is_refused_and_nothing_runs(api):
    once = {"action": "probe-echo", "params": {"value": 1}, "idempotency_key": "k"}
    before = stored()

    answer = ask(api, once, {"action": "probe-echo"}, once)

    assert_refused(answer, 400, "malformed-request", advice="a key of its own")
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/executions/0/idempotency_key",
        "/executions/2/idempotency_key",
    ]
    assert stored() == before


def test_one_key_for_two_actions_is_two_keys(api):
    entries = ask(
        api,
        {"action": "probe-echo", "idempotency_key": "k"},
        {"action": "probe-nothing", "idempotency_key": "k"},
    ).json()["entries"]

    assert len({entry["execution"]["id"] for entry in entries}) == 2


def test_a_key_that_is_none_refuses_the_whole_batch(api):
    before = stored()

    answer = ask(api, {"action": "probe-echo"}, {"action": "probe-echo", "idempotency_key": "a b"})

    assert_refused(answer, 400, "idempotency-key-invalid", advice="")
    assert stored() == before


def test_a_batch_of_none_or_of_too_many_is_refused(quick_api):
    for count in (0, 101):
        answer = ask(quick_api, *[{"action": "probe-echo"}] * count)
        assert_refused(answer, 400, "malformed-request", advice="does not fit")


def test_an_action_outside_the_patterns_is_none_of_the_callers(api, caller):
    narrow = caller("actions:execute", patterns=("probe-e*",))

    entries = ask(narrow, {"action": "probe-mark"}, {"action": "probe-echo"}).json()["entries"]

    assert entries[0]["refusal"]["code"] == "action-not-found"
    assert entries[1]["execution"] is not None
