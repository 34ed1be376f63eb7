"""The keys of commands to executions: what a repeat is told, what is counted, how long it is known."""

from datetime import timedelta

import pytest
from django.utils import timezone

from actions.executions.perform import first_claim
from actions.executions.settle import give_back
from actions.models import Execution, ExecutionEvent, IdempotencyRecord
from actions.promises import broken_promises
from tests.actions.api.conftest import assert_refused

# A retry of a client has the key and the id of the first request.
RETRIED = {"Idempotency-Key": "c-1", "X-Request-Id": "order-42"}


@pytest.fixture
def queued(api) -> str:
    """The path of an execution that waits for a worker."""
    return f"/executions/{api.execute('probe-nothing').json()['id']}"


@pytest.fixture
def ended(api, engine) -> str:
    """The path of an execution that has succeeded."""
    answer = api.execute("probe-nothing", key="k-1")
    engine.drain()
    return f"/executions/{answer.json()['id']}"


@pytest.fixture
def path(request) -> str:
    """That to which the command may be given."""
    return request.getfixturevalue({"cancel": "queued", "rerun": "ended"}[request.param])


def record():
    return IdempotencyRecord.objects.get(kind="command")


commands = pytest.mark.parametrize(
    ("path", "command"), [("cancel", "cancel"), ("rerun", "rerun")], indirect=["path"]
)


@commands
def test_a_retry_with_the_same_request_id_is_marked_as_answered_from_the_record(api, path, command):
    first, again = (api.post(f"{path}/{command}", headers=RETRIED) for _ in range(2))

    assert first.json()["replayed"] is False
    assert "Idempotent-Replayed" not in first.headers
    assert again.json() == first.json() | {"replayed": True}
    assert again.headers["Idempotent-Replayed"] == "true"


@commands
def test_repeats_and_refusals_are_counted_and_noted(api, path, command):
    first = api.post(f"{path}/{command}", headers=RETRIED).json()
    for _ in range(2):
        api.post(f"{path}/{command}", headers=RETRIED)
    refused = api.post(f"{path}/{command}", {"reason": "other"}, headers=RETRIED)

    assert_refused(refused, 422, "idempotency-key-reused", advice="use a new key")
    assert (record().hit_count, record().mismatch_count) == (2, 1)
    assert record().last_hit_at is not None
    told = ExecutionEvent.objects.filter(data__key_number=record().id).order_by("seq")
    assert [one.type for one in told] == ["replayed", "replayed", "mismatch_refused"]
    to = path.rpartition("/")[2]
    assert [one.data["command_to"] for one in told] == [to] * 3
    assert {one.execution_id for one in told} == {Execution.objects.latest("id").id}
    assert api.get(f"/executions/{first['id']}").status_code == 200
    assert broken_promises() == []


def test_the_key_of_a_rerun_is_known_until_the_retention_after_its_end(api, engine, ended):
    api.post(f"{ended}/rerun", headers=RETRIED)
    before = record().expires_at
    engine.drain()

    new = Execution.objects.latest("id")
    assert before is None
    assert record().expires_at - new.finished_at == timedelta(days=30)


@pytest.mark.parametrize("is_claimed", [False, True])
def test_the_key_of_a_cancel_is_known_until_the_retention_after_the_end(
    api, engine, queued, is_claimed
):
    claimed = first_claim(engine.bench) if is_claimed else []
    api.post(f"{queued}/cancel", headers=RETRIED)
    before = record().expires_at
    give_back([one.id for one in claimed], engine.bench.claimant, reason="it leaves")

    assert (before is None) is is_claimed
    execution = Execution.objects.get()
    assert execution.status == "cancelled"
    assert abs(record().expires_at - execution.finished_at - timedelta(days=30)) < timedelta(
        seconds=5
    )


def test_the_counts_begin_anew_with_a_key_that_is_used_again(api, ended):
    for _ in range(2):
        api.post(f"{ended}/rerun", headers=RETRIED)
    IdempotencyRecord.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    again = api.post(f"{ended}/rerun", headers=RETRIED).json()

    assert again["replayed"] is False
    assert (record().hit_count, record().last_hit_at) == (0, None)
