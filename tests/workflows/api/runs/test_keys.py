"""The key of a run: one key, one run; the contract of executions, over REST."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from actions.models import AuditEvent, IdempotencyRecord
from tests.actions.api.conftest import Caller, assert_refused
from tests.fixtures.engine import TESTER
from workflows import runs
from workflows.models import Run, RunEvent

START = "/workflows/under-test/runs?wait=0"
KEY = {"Idempotency-Key": "k-1"}
NUMBER = {
    "type": "object",
    "properties": {
        "n": {"type": "integer"},
        "plan": {"enum": ["free", "team"], "default": "free"},
        "token": {"type": "string"},
    },
}
ADDRESS = "/idempotency-keys?kind=workflow&name=under-test&key=k-1"


@pytest.fixture
def start(api, stage, echo):
    """Publish a workflow of one step; the call that starts it under a key."""
    stage.publish({"only": echo("${{ params.n }}")}, params=NUMBER, result="${{ params.n }}")

    def begin(n=1, *, headers=KEY, **wishes):
        return api.post(START, {"params": {"n": n}} | wishes, headers=headers)

    return begin


@pytest.fixture
def declining(api, stage):
    """The same for a workflow that fails."""
    stage.publish({"only": {"action": "probe-decline"}})

    def begin(**wishes):
        return api.post(START, wishes, headers=KEY)

    return begin


def events(kind):
    return RunEvent.objects.filter(type=kind)


def test_a_repeat_is_answered_from_the_record_word_for_word(start, stage):
    first = start()
    stage.engine.drain()
    replays = [start() for _ in range(3)]

    assert {answer.content for answer in replays} == {replays[0].content}
    body = replays[0].json()
    assert (body["id"], body["result"], body["replayed"]) == (first.json()["id"], 1, True)
    assert replays[0].headers["Idempotent-Replayed"] == "true"
    assert replays[0].headers["Idempotency-Expires"] == body["idempotency"]["expires_at"]
    assert (Run.objects.count(), events("replayed").count()) == (1, 3)


def test_a_repeat_attaches_to_a_run_that_goes_on(start):
    first, again = start(), start()

    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
    assert again.json()["replayed"] is False
    assert events("attached").count() == 1


def test_a_repeat_may_ask_to_be_refused_while_the_run_goes_on(start, stage):
    start()

    refused = start(on_conflict="fail")
    stage.engine.drain()

    assert_refused(refused, 409, "execution-in-progress", advice="ask again later")
    assert start(on_conflict="fail").status_code == 200


@pytest.mark.parametrize("has_ended", [False, True])
def test_other_params_under_the_same_key_are_refused_and_noted(start, stage, has_ended):
    start(1)
    if has_ended:
        stage.engine.drain()

    answer = start(2)

    assert_refused(answer, 422, "idempotency-key-reused", advice="use a new key")
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/params/n"]
    assert events("mismatch_refused").get().data == {"fields": ["/n"]}
    assert (Run.objects.count(), IdempotencyRecord.objects.get().mismatch_count) == (1, 1)


def test_what_differs_is_told_without_its_value(api, start):
    api.post(START, {"params": {"n": 1, "token": "s3cret"}}, headers=KEY)

    answer = api.post(START, {"params": {"n": 1, "token": "0ther"}}, headers=KEY)

    assert [one["pointer"] for one in answer.json()["errors"]] == ["/params/token"]
    assert b"s3cret" not in answer.content
    assert b"0ther" not in answer.content


def test_after_a_change_of_the_secret_the_stored_params_are_compared(start):
    first = start().json()["id"]

    with override_settings(ACTIONSITE_FINGERPRINT_KEY="changed" * 10):
        same, other = start(), start(2)

    assert same.json()["id"] == first
    assert_refused(other, 422, "idempotency-key-reused", advice="use a new key")


def test_refused_and_corrected_the_same_key_starts_a_run(start):
    assert start("one").status_code == 422

    assert start(1).status_code == 202


def test_a_failure_is_replayed_unless_a_new_try_is_asked_for(declining, stage):
    first = declining().json()["id"]
    stage.engine.drain()

    replay, retry = declining(), declining(on_failed="retry")

    assert (replay.json()["id"], replay.json()["status"]) == (first, "failed")
    body = retry.json()
    assert (body["rerun_of"], body["rerun"]["what"]) == (first, "retry")
    assert body["idempotency"] == {"key": "k-1", "generation": 2, "expires_at": None}
    assert IdempotencyRecord.objects.get().holder_id == Run.objects.latest("id").id


def test_a_new_try_after_an_unknown_outcome_needs_a_word(declining, stage):
    first = declining().json()["id"]
    stage.engine.drain()
    error = {"code": "worker_lost", "message": "Lost.", "outcome": "unknown"}
    Run.objects.get().steps.update(error=error)

    refused = declining(on_failed="retry")

    assert_refused(refused, 409, "outcome-unknown", advice="allow_unknown_outcome")
    anew = declining(on_failed="retry", allow_unknown_outcome=True)
    assert anew.json()["rerun_of"] == first


def test_an_archived_workflow_replays_old_keys_and_takes_no_new_ones(api, start, stage):
    first = start().json()["id"]
    stage.engine.drain()
    api.post("/workflows/under-test/archive")

    assert start().json()["id"] == first
    refused = start(headers={"Idempotency-Key": "k-2"})
    assert_refused(refused, 409, "workflow-archived", advice="take it out")


def test_a_key_that_has_expired_starts_anew(start, stage):
    first = start().json()["id"]
    stage.engine.drain()
    IdempotencyRecord.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    again = start()

    assert again.json()["id"] != first
    assert again.json()["idempotency"]["generation"] == 2


def test_a_key_expires_after_the_end_and_not_while_the_run_goes_on_again(declining, stage):
    run_id = declining().json()["id"]
    record = IdempotencyRecord.objects
    assert record.get().expires_at is None

    stage.engine.drain()
    assert record.get().expires_at > timezone.now() + timedelta(days=29)

    run = Run.objects.get()
    runs.step_again(run_id=run.id, step="only", by=TESTER)
    assert (run.shown_id, record.get().expires_at) == (run_id, None)


def test_a_key_that_was_released_stays_free_when_its_run_is_tried_again(caller, declining, stage):
    declining()
    stage.engine.drain()
    keeper: Caller = caller("executions:read", "executions:write", "runs:read", "runs:write")
    assert keeper.send("DELETE", ADDRESS).status_code == 200

    runs.step_again(run_id=Run.objects.get().id, step="only", by=TESTER)
    stage.engine.drain()

    assert not IdempotencyRecord.objects.unexpired().exists()


def test_the_key_of_an_action_and_that_of_a_workflow_are_different(api, start, engine):
    engine.submit("probe-echo", key="k-1", value=1)

    assert start().status_code == 202
    assert IdempotencyRecord.objects.count() == 2


def test_a_key_is_looked_up_and_released(caller, start, stage):
    keeper: Caller = caller("executions:read", "executions:write", "runs:read", "runs:write")
    first = start().json()["id"]
    in_use = keeper.send("DELETE", ADDRESS)
    stage.engine.drain()

    found = keeper.get(ADDRESS).json()
    released = keeper.send("DELETE", ADDRESS, {"reason": "sent by mistake"})

    assert_refused(in_use, 409, "execution-in-progress", advice="cancel it")
    assert (found["run"], found["execution"], found["status"]) == (first, None, "succeeded")
    assert released.status_code == 200
    assert start(2).json()["idempotency"]["generation"] == 2
    assert events("key_released").get().data == {"run": first, "reason": "sent by mistake"}
    noted = AuditEvent.objects.get(verb="idempotency_key.released")
    assert (noted.object_kind, noted.object_id) == ("workflow", "under-test")


def test_who_may_not_touch_runs_does_not_look_up_their_keys(caller, start):
    start()
    narrow = caller("executions:read", "executions:write")

    assert_refused(narrow.get(ADDRESS), 403, "insufficient-scope", advice="runs:read")
    assert_refused(narrow.send("DELETE", ADDRESS), 403, "insufficient-scope", advice="runs:write")


def test_a_cancel_with_a_key_is_done_once(api, start):
    path = f"/runs/{start().json()['id']}"
    key = {"Idempotency-Key": "press-1"}

    first = api.post(f"{path}/cancel", {"reason": "x"}, headers=key)
    again = api.post(f"{path}/cancel", {"reason": "x"}, headers=key)
    other = api.post(f"{path}/cancel", {"reason": "y"}, headers=key)

    assert (first.json()["status"], again.status_code) == ("cancelled", 200)
    assert events("cancel_requested").count() == 1
    assert_refused(other, 422, "idempotency-key-reused", advice="use a new key")


@pytest.mark.parametrize(("command", "undone"), [("pause", "resume"), ("resume", "pause")])
def test_a_repeat_of_a_pause_or_resume_does_not_undo_what_came_after_it(
    api, start, command, undone
):
    path = f"/runs/{start().json()['id']}"
    api.post(f"{path}/{undone}", {})
    asked = {"note": "Month end", "idempotency_key": "k-2"}

    first = api.post(f"{path}/{command}", asked)
    stands = api.post(f"{path}/{undone}", {}).json()["status"]
    again = api.post(f"{path}/{command}", asked)
    reused = api.post(f"{path}/{command}", asked | {"note": "other"})

    assert first.json()["status"] != stands == again.json()["status"]
    assert_refused(reused, 422, "idempotency-key-reused", advice="use a new key")


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_a_pause_or_resume_whose_answer_was_lost_is_known_after_the_end(api, start, command):
    path = f"/runs/{start().json()['id']}"
    asked = {"idempotency_key": "k-2"}
    api.post(f"{path}/{command}", asked)
    api.post(f"{path}/cancel", {})

    again = api.post(f"{path}/{command}", asked)

    assert (again.status_code, again.json()["status"]) == (200, "cancelled")
    assert_refused(api.post(f"{path}/{command}", {}), 409, "run-has-ended", advice="already ended")


def test_a_rerun_with_a_key_is_done_once(api, start, stage):
    path = f"/runs/{start().json()['id']}"
    stage.engine.drain()
    asked = {"what": "whole"}
    asked["digest"] = api.post(f"{path}/rerun-preview", asked).json()["digest"]
    key = {"Idempotency-Key": "press-1"}

    first = api.post(f"{path}/rerun", asked, headers=key)
    again = api.post(f"{path}/rerun", asked, headers=key)
    other = api.post(f"{path}/rerun", asked | {"reason": "y"}, headers=key)

    assert (first.json()["replayed"], again.json()["replayed"]) == (False, True)
    assert first.json()["id"] == again.json()["id"]
    assert_refused(other, 422, "idempotency-key-reused", advice="use a new key")
    assert Run.objects.count() == 2


def test_different_keys_in_header_and_body_are_refused(start):
    answer = start(idempotency_key="k-2")

    assert_refused(answer, 400, "idempotency-key-ambiguous", advice="send one")
