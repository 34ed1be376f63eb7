"""Executing an action over HTTP: once for each key, and answered from the record after that."""

from datetime import timedelta

import pytest
from django.utils import timezone

from actions.models import Action, ActionVersion, Execution, IdempotencyRecord
from tests.actions.api.conftest import assert_refused, stored
from tests.probe.models import Mark


def test_a_new_request_is_executed_once(api, engine):
    accepted = api.execute("probe-mark", params={"name": "one"})
    engine.drain()

    ended = api.get(f"/executions/{accepted.json()['id']}")

    assert accepted.status_code == 202
    assert accepted.headers["Location"] == accepted.json()["links"]["self"]
    assert accepted.headers["Retry-After"] == "1"
    assert ended.json()["status"] == "succeeded"
    assert ended.json()["result"] == {"name": "one"}
    assert Mark.objects.count() == 1


def test_a_new_key_executes_once(api, engine):
    accepted = api.execute("probe-mark", key="k-1", params={"name": "one"})
    engine.drain()
    engine.drain()

    ended = api.get(f"/executions/{accepted.json()['id']}").json()

    assert (accepted.status_code, accepted.json()["replayed"]) == (202, False)
    assert (ended["status"], ended["attempt"], ended["replayed"]) == ("succeeded", 1, False)
    assert (ended["idempotency"]["key"], ended["idempotency"]["generation"]) == ("k-1", 1)
    assert (Execution.objects.count(), Mark.objects.count()) == (1, 1)


def test_the_same_key_and_params_replay_the_same_outcome(api, engine):
    first = api.execute("probe-mark", key="k-1", params={"name": "one"})
    engine.drain()

    again = api.execute("probe-mark", key="k-1", params={"name": "one"})

    assert again.status_code == 200
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json()["replayed"] is True
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["result"] == {"name": "one"}
    assert Mark.objects.count() == 1


@pytest.mark.parametrize("value", [None, 0, "", False, [], {}, 1.5, "ü", 2**60])
def test_any_result_is_replayed_as_it_is(api, engine, value):
    api.execute("probe-echo", key="k-1", params={"value": value})
    engine.drain()

    again = api.execute("probe-echo", key="k-1", params={"value": value})

    assert again.json()["result"] == value
    assert type(again.json()["result"]) is type(value)


def test_without_a_key_two_requests_are_two_executions(quick_api):
    ids = {quick_api.execute("probe-nothing").json()["id"] for _ in range(2)}

    assert len(ids) == 2


def test_a_key_that_is_required_and_missing_is_refused(quick_api):
    ActionVersion.objects.filter(action__name="probe-nothing").update(idempotency="required")

    answer = quick_api.execute("probe-nothing")

    assert_refused(answer, 400, "idempotency-key-required", advice="send the Idempotency-Key")
    assert stored() == (0, 0, 0)


def test_an_action_may_have_its_params_as_its_key(api, engine):
    ActionVersion.objects.filter(action__name="probe-mark").update(idempotency="derived")
    first = api.execute("probe-mark", params={"name": "one"})
    engine.drain()

    again = api.execute("probe-mark", params={"name": "one"})

    assert again.json()["id"] == first.json()["id"]
    assert Mark.objects.count() == 1


def test_replays_equal_one_another_byte_for_byte(api, engine):
    api.execute("probe-mark", key="k-1", params={"name": "one"})
    engine.drain()

    bodies = {
        api.execute("probe-mark", key="k-1", params={"name": "one"}).content for _ in range(9)
    }

    assert len(bodies) == 1
    assert Mark.objects.count() == 1


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_thousand_repeats_have_one_effect_and_one_body(api, engine):
    api.execute("probe-mark", key="k-1", params={"name": "one"})
    engine.drain()

    bodies = {
        api.execute("probe-mark", key="k-1", params={"name": "one"}).content for _ in range(1000)
    }

    assert len(bodies) == 1
    assert Mark.objects.count() == 1


def test_first_outcome_and_replay_carry_the_same_expiry(api, engine):
    first = api.execute("probe-mark", key="k-1", params={"name": "one"})
    engine.drain()
    outcome = api.get(f"/executions/{first.json()['id']}")

    again = api.execute("probe-mark", key="k-1", params={"name": "one"})

    assert "Idempotency-Expires" not in first.headers
    assert first.json()["idempotency"] == {"key": "k-1", "generation": 1, "expires_at": None}
    assert outcome.headers["Idempotency-Expires"] == again.headers["Idempotency-Expires"]
    assert again.headers["Idempotency-Expires"] == again.json()["idempotency"]["expires_at"]


def test_a_replay_tells_the_request_that_was_executed(api, engine):
    body = {"params": {"name": "one"}, "idempotency_key": "k-1"}
    path = "/actions/probe-mark/executions?wait=0"
    api.post(path, body, headers={"X-Request-Id": "first-request"})
    engine.drain()

    again = api.post(path, body, headers={"X-Request-Id": "second-request"})

    assert again.headers["X-Request-Id"] == "second-request"
    assert again.json()["request_id"] == "first-request"
    assert again.json()["cause"] == {"type": "request", "id": "first-request"}


def test_the_longest_request_id_that_is_kept_can_be_stored(api):
    longest = "r" * 100

    answer = api.post(
        "/actions/probe-nothing/executions?wait=0", {}, headers={"X-Request-Id": longest}
    )

    assert answer.json()["request_id"] == longest


def test_a_repeat_attaches_while_the_first_is_under_way(quick_api):
    first = quick_api.execute("probe-mark", key="k-1", params={"name": "one"})

    again = quick_api.execute("probe-mark", key="k-1", params={"name": "one"})

    assert again.status_code == 202
    assert again.json()["id"] == first.json()["id"]
    assert "Idempotent-Replayed" not in again.headers


def test_a_repeat_may_ask_to_be_refused_while_the_first_is_under_way(api, engine):
    api.execute("probe-mark", key="k-1", params={"name": "one"})

    refused = api.execute("probe-mark", key="k-1", params={"name": "one"}, on_conflict="fail")
    engine.drain()
    later = api.execute("probe-mark", key="k-1", params={"name": "one"}, on_conflict="fail")

    assert_refused(refused, 409, "execution-in-progress", advice="ask again later")
    assert refused.headers["Retry-After"] == "1"
    assert refused.json()["retriable"] is True
    assert later.json()["replayed"] is True


def test_a_failed_action_is_an_answer_and_not_a_problem(api, engine):
    api.execute("probe-decline", key="k-1")
    engine.drain()

    again = api.execute("probe-decline", key="k-1")

    assert again.status_code == 200
    assert again.headers["X-Error-Source"] == "action"
    assert again.json()["status"] == "failed"
    assert again.json()["result"] is None
    error = again.json()["error"]
    assert (error["code"], error["message"]) == ("card_declined", "The card was declined.")
    assert error["details"] == {"reason": "limit"}
    assert "traceback" not in error


def test_a_stored_failure_is_replayed_and_not_tried_again(api, engine):
    first = api.execute("probe-decline", key="k-1")
    engine.drain()

    again = api.execute("probe-decline", key="k-1")

    assert again.json()["id"] == first.json()["id"]
    assert again.json()["attempt"] == 1
    assert engine.drain() == 0


def test_a_stored_failure_is_executed_anew_on_request(api, engine):
    first = api.execute("probe-decline", key="k-1")
    engine.drain()

    second = api.execute("probe-decline", key="k-1", on_failed="retry")

    assert second.status_code == 202
    assert second.json()["id"] != first.json()["id"]
    assert second.json()["retry_of"] == first.json()["id"]
    assert second.json()["cause"] == {"type": "retry", "id": first.json()["id"]}
    assert second.json()["idempotency"]["generation"] == 2


def test_an_expired_key_executes_anew_and_the_old_record_stays_readable(api, engine):
    first = api.execute("probe-mark", key="k-1", params={"name": "one"})
    engine.drain()
    IdempotencyRecord.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    second = api.execute("probe-mark", key="k-1", params={"name": "two"})

    assert second.status_code == 202
    assert second.json()["id"] != first.json()["id"]
    old = api.get(f"/executions/{first.json()['id']}").json()
    assert (old["status"], old["idempotency"]["key"]) == ("succeeded", "k-1")


def test_what_the_caller_notes_is_kept(quick_api):
    answer = quick_api.execute("probe-nothing", metadata={"order": 12, "token": "abc"})

    assert answer.json()["metadata"] == {"order": 12, "token": "••••••"}


def test_a_disabled_action_replays_what_has_ended_and_takes_nothing_new(api, engine):
    api.execute("probe-mark", key="k-1", params={"name": "one"})
    engine.drain()
    Action.objects.filter(name="probe-mark").update(is_enabled=False, disabled_note="on holiday")

    again = api.execute("probe-mark", key="k-1", params={"name": "one"})
    new = api.execute("probe-mark", key="k-2", params={"name": "one"})

    assert again.json()["replayed"] is True
    assert_refused(new, 409, "action-disabled", advice="on holiday")
    assert Execution.objects.count() == 1


def test_keys_of_different_actions_are_different(quick_api):
    ids = {
        quick_api.execute(name, key="k-1", params=params).json()["id"]
        for name, params in (("probe-mark", {"name": "one"}), ("probe-nothing", {}))
    }

    assert len(ids) == 2


def test_two_callers_share_a_key(api, engine, caller):
    first = api.execute("probe-mark", key="k-1", params={"name": "one"})
    engine.drain()

    again = caller(name="another").execute("probe-mark", key="k-1", params={"name": "one"})

    assert again.json()["id"] == first.json()["id"]
    assert again.json()["actor"]["label"] == "tests"


def test_a_trace_is_taken_in(quick_api):
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}

    answer = quick_api.post("/actions/probe-nothing/executions?wait=0", headers=headers)

    assert answer.json()["trace_id"] == trace_id
