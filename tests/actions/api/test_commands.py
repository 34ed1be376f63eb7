"""Cancelling an execution and running it again, over HTTP."""

import pytest

from actions.models import Execution, ExecutionEvent
from tests.actions.api.conftest import assert_refused, stored
from tests.probe.models import Mark


@pytest.fixture
def queued(quick_api) -> str:
    """The path of an execution that waits for a worker."""
    answer = quick_api.execute("probe-mark", key="k-1", params={"name": "one"})
    return f"/executions/{answer.json()['id']}"


@pytest.fixture
def ended(api, engine) -> str:
    """The path of an execution that has succeeded."""
    answer = api.execute("probe-mark", key="k-1", params={"name": "one"})
    engine.drain()
    return f"/executions/{answer.json()['id']}"


def test_what_waits_is_cancelled_at_once(quick_api, queued):
    answer = quick_api.post(f"{queued}/cancel", {"reason": "sent by mistake"})

    assert answer.status_code == 200
    assert answer.json()["status"] == "cancelled"
    assert answer.json()["error"] is None
    event = ExecutionEvent.objects.filter(type="cancelled").get()
    assert event.data["reason"] == "sent by mistake"
    assert event.actor_label == "tests"


def test_what_runs_is_asked_to_stop(quick_api, queued):
    Execution.objects.update(status="running", worker_id=1)

    answer = quick_api.post(f"{queued}/cancel")

    assert answer.status_code == 202
    assert answer.json()["status"] == "running"
    assert Execution.objects.get().cancel_requested_at is not None


def test_what_has_ended_cannot_be_cancelled(api, ended):
    before = stored()

    answer = api.post(f"{ended}/cancel")

    assert_refused(answer, 409, "not-cancellable", advice="nothing is left to cancel")
    assert stored() == before


def test_a_cancel_that_is_sent_twice_with_its_key_is_done_once(quick_api, queued):
    body = {"reason": "sent by mistake", "idempotency_key": "c-1"}
    first = quick_api.post(f"{queued}/cancel", body)

    again = quick_api.post(f"{queued}/cancel", body)
    other = quick_api.post(f"{queued}/cancel", body | {"reason": "another"})

    assert (again.status_code, again.json()) == (200, first.json() | {"replayed": True})
    assert ExecutionEvent.objects.filter(type="cancelled").count() == 1
    assert_refused(other, 422, "idempotency-key-reused", advice="use a new key")


@pytest.mark.parametrize("command", ["cancel", "rerun"])
def test_a_command_may_come_without_a_body(api, ended, command):
    answer = api.client.generic("POST", f"/api/v1{ended}/{command}", headers=api.headers)

    assert answer.status_code in (202, 409)


@pytest.mark.parametrize("command", ["cancel", "rerun"])
@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"why": "x"}, "/why"), ({"reason": 1}, "/reason"), ({"reason": "x" * 501}, "/reason")],
)
def test_a_command_of_another_form_is_refused(quick_api, queued, command, body, pointer):
    answer = quick_api.post(f"{queued}/{command}", body)

    assert_refused(answer, 400, "malformed-request", advice="/api/schema/")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_what_has_ended_is_run_again_as_a_new_execution(api, engine, ended):
    answer = api.post(f"{ended}/rerun", {"reason": "the mail server is back"})
    engine.drain()

    old = ended.rpartition("/")[2]
    assert answer.status_code == 202
    assert answer.headers["Location"] == answer.json()["links"]["self"]
    assert answer.json()["rerun_of"] == old
    assert answer.json()["cause"] == {"type": "rerun", "id": old}
    assert answer.json()["idempotency"]["key"] is None
    assert Mark.objects.count() == 2


def test_a_rerun_leaves_the_key_with_the_original(api, engine, ended):
    api.post(f"{ended}/rerun")
    engine.drain()

    again = api.execute("probe-mark", key="k-1", params={"name": "one"})

    assert again.json()["id"] == ended.rpartition("/")[2]


def test_a_rerun_may_have_other_params(api, engine, ended):
    api.post(f"{ended}/rerun", {"params": {"name": "two"}})
    engine.drain()

    assert sorted(Mark.objects.values_list("name", flat=True)) == ["one", "two"]


def test_a_rerun_with_params_that_break_the_schema_is_refused(api, ended):
    before = stored()

    answer = api.post(f"{ended}/rerun", {"params": {"name": 2}})

    assert_refused(answer, 422, "params-invalid", advice="do not fit")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/params/name"]
    assert stored() == before


def test_what_has_not_ended_cannot_be_run_again(quick_api, queued):
    before = stored()

    answer = quick_api.post(f"{queued}/rerun")

    assert_refused(answer, 409, "not-rerunnable", advice="cancel it before")
    assert stored() == before


def test_a_rerun_with_a_key_is_done_once(api, ended):
    headers = {"Idempotency-Key": "again-1"}

    first = api.post(f"{ended}/rerun", headers=headers)
    again = api.post(f"{ended}/rerun", headers=headers)

    assert first.json()["id"] == again.json()["id"]
    assert (first.json()["replayed"], again.json()["replayed"]) == (False, True)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Execution.objects.count() == 2


def test_a_reruns_key_for_another_wish_is_refused(api, ended):
    headers = {"Idempotency-Key": "again-1"}
    api.post(f"{ended}/rerun", headers=headers)

    answer = api.post(f"{ended}/rerun", {"params": {"name": "two"}}, headers=headers)

    assert_refused(answer, 422, "idempotency-key-reused", advice="use a new key")
    assert Execution.objects.count() == 2
