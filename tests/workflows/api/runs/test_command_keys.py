"""The keys of commands to runs: what a repeat is told, what is counted, how long it is known."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from actions import access
from actions.actors import SYSTEM
from actions.models import IdempotencyRecord
from actions.promises import broken_promises
from tests.actions.api.conftest import Caller, assert_refused
from workflows.models import Run, RunEvent

# A retry of a client has the key and the id of the first request.
RETRIED = {"Idempotency-Key": "c-1", "X-Request-Id": "order-42"}
STEPS = {"ask": {"approval": {"message": "May I?"}}, "paid": {"event": {"name": "paid"}}}
# What is asked, in other words, of a run that waits for an answer and an event.
WAITING = {
    "cancel": ({"reason": "x"}, {"reason": "y"}),
    "pause": ({"note": "x"}, {"note": "y"}),
    "resume": ({"note": "x"}, {"note": "y"}),
    "events/paid": ({"payload": 1}, {"payload": 2}),
    "steps/ask/answer": ({"decision": "approved"}, {"decision": "rejected"}),
}
FAILED = {
    "steps/only/rerun": ({"reason": "x"}, {"reason": "y"}),
    "rerun": ({"what": "whole", "reason": "x"}, {"what": "whole", "reason": "y"}),
}


@pytest.fixture
def somebody(engine) -> Caller:
    """Somebody who has signed in: people only answer questions."""
    access.create_user(username="ada", password="x-y-z-1-2-3", role="admin", by=SYSTEM)
    client = Client()
    client.force_login(User.objects.get(username="ada"))
    return Caller(client=client)


@pytest.fixture
def begun(api, stage):
    """The address of a run to which that command may be given."""

    def begin(command: str) -> str:
        stage.publish(STEPS if command in WAITING else {"only": {"action": "probe-decline"}})
        run_id = api.post("/workflows/under-test/runs?wait=0").json()["id"]
        stage.engine.drain()
        return f"/runs/{run_id}"

    return begin


@pytest.fixture
def asked(somebody, begun, request):
    """A command to a run, which can be given again, also in other words."""
    command = request.param
    path = begun(command)
    same, other = (WAITING | FAILED)[command]
    if command == "rerun":
        digest = somebody.post(f"{path}/rerun-preview", same).json()["digest"]
        same, other = same | {"digest": digest}, other | {"digest": digest}

    def give(*, is_other: bool = False):
        return somebody.post(f"{path}/{command}", other if is_other else same, headers=RETRIED)

    return give


every_command = pytest.mark.parametrize("asked", [*WAITING, *FAILED], indirect=True)


def record():
    return IdempotencyRecord.objects.get(kind="command")


@every_command
def test_a_retry_with_the_same_request_id_is_marked_as_answered_from_the_record(asked):
    first, again = asked(), asked()

    assert first.status_code in (200, 202)
    assert first.json()["replayed"] is False
    assert "Idempotent-Replayed" not in first.headers
    assert again.json() == first.json() | {"replayed": True}
    assert again.headers["Idempotent-Replayed"] == "true"


@every_command
def test_repeats_and_refusals_are_counted_and_noted(asked):
    first, *_ = [asked().json() for _ in range(3)]
    refused = asked(is_other=True)

    assert_refused(refused, 422, "idempotency-key-reused", advice="use a new key")
    assert (record().hit_count, record().mismatch_count) == (2, 1)
    told = RunEvent.objects.filter(data__key_number=record().id).order_by("seq")
    assert [one.type for one in told] == ["replayed", "replayed", "mismatch_refused"]
    assert {one.run.shown_id for one in told} == {first["id"]}
    assert broken_promises() == []


@every_command
def test_a_key_is_known_until_the_retention_after_the_end_of_the_run(asked, stage, api):
    run_id = asked().json()["id"]
    api.post(f"/runs/{run_id}/cancel")
    stage.engine.drain()

    run = Run.objects.latest("id")
    assert run.shown_id == run_id
    assert run.has_ended
    assert abs(record().expires_at - run.finished_at - timedelta(days=30)) < timedelta(seconds=5)


@pytest.mark.parametrize("asked", ["pause", "steps/only/rerun", "rerun"], indirect=True)
def test_a_key_does_not_expire_while_the_run_goes_on(asked):
    asked()

    assert record().expires_at is None


def test_a_key_expires_no_more_once_its_run_goes_on_again(api, begun, stage):
    path = begun("steps/only/rerun")
    again = f"{path}/steps/only/rerun"
    api.post(again, headers=RETRIED)
    stage.engine.drain()
    ended = record().expires_at

    api.post(again)

    assert ended is not None
    assert record().expires_at is None
