"""Accepting a request once, and answering its repeats from the record."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from actions import errors, executions
from actions.models import Action, Execution, ExecutionEvent, IdempotencyRecord
from tests.fixtures.engine import TESTER


def submit(name: str = "probe-mark", *, key: str | None = "k-1", **more: object):
    params = more.pop("params", {"name": "one"})
    return executions.submit(action=name, params=params, by=TESTER, key=key, **more)


def test_the_same_key_and_params_replay_the_same_execution(engine):
    first = submit()
    engine.drain()

    again = submit()

    assert first.is_new
    assert again.is_replay
    assert again.execution.id == first.execution.id
    assert again.execution.result == {"name": "one"}
    assert Execution.objects.count() == 1


def test_a_repeat_attaches_while_the_first_is_under_way(engine):
    first = submit()

    again = submit()

    assert again.is_attached
    assert again.execution.id == first.execution.id
    assert again.execution.replay_count == 1
    assert ExecutionEvent.objects.filter(type="attached").count() == 1


def test_the_caller_may_prefer_a_conflict_to_attaching(engine):
    submit()

    with pytest.raises(errors.ExecutionInProgress):
        submit(on_conflict="fail")


def test_the_same_key_with_other_params_is_refused_and_recorded(engine):
    first = submit().execution

    with pytest.raises(errors.IdempotencyKeyReused) as refused:
        submit(params={"name": "two"})

    assert [one.pointer for one in refused.value.errors] == ["/name"]
    assert first.shown_id in refused.value.detail
    event = ExecutionEvent.objects.get(type="mismatch_refused")
    assert event.data == {"fields": ["/name"]}
    assert IdempotencyRecord.objects.get().mismatch_count == 1
    assert Execution.objects.count() == 1


def test_params_of_another_secret_are_compared_as_they_were_stored(engine, settings):
    submit()
    settings.ACTIONSITE_FINGERPRINT_KEY = "another-" * 8

    assert submit().is_attached
    with pytest.raises(errors.IdempotencyKeyReused):
        submit(params={"name": "two"})


@pytest.mark.parametrize(
    "number",
    [1e16, 1e22, 1e23, 1e300, 123456789012345680000.0, 9007199254740993.0, -1e17, 5e-324, 0.1, 1.0],
)
def test_a_number_is_the_same_after_it_was_stored(engine, settings, number):
    first = submit("probe-echo", params={"value": [number]}).execution
    settings.ACTIONSITE_FINGERPRINT_KEY = "another-" * 8

    assert submit("probe-echo", params={"value": [number]}).execution.id == first.id
    with pytest.raises(errors.IdempotencyKeyReused):
        submit("probe-echo", params={"value": [number * 2]})


def test_without_a_key_every_request_is_an_execution_of_its_own(engine):
    submit(key=None)
    submit(key=None)

    assert Execution.objects.count() == 2


def test_the_same_key_for_another_action_is_another_key(engine):
    submit()

    assert submit("probe-echo", params={"value": 1}).is_new


def test_an_expired_key_executes_anew_and_the_old_record_stays_readable(engine):
    first = submit().execution
    engine.drain()
    past = timezone.now() - timedelta(seconds=1)
    IdempotencyRecord.objects.update(expires_at=past)

    second = submit()

    assert second.is_new
    assert second.execution.key_generation == 2
    assert second.execution.retry_of is None
    first.refresh_from_db()
    assert first.idempotency_key == "k-1"


def test_a_key_does_not_expire_while_its_execution_runs(engine):
    submit()
    assert IdempotencyRecord.objects.get().expires_at is None

    engine.drain()

    kept = IdempotencyRecord.objects.get()
    finished_at = Execution.objects.get().finished_at
    assert kept.expires_at == finished_at + timedelta(days=30)


def test_a_stored_failure_replays(engine):
    submit("probe-decline", params={})
    engine.drain()

    again = submit("probe-decline", params={})

    assert again.is_replay
    assert again.execution.error["code"] == "card_declined"


def test_a_stored_failure_may_be_retried_under_the_same_key(engine):
    first = submit("probe-decline", params={}).execution
    engine.drain()

    second = submit("probe-decline", params={}, on_failed="retry")

    assert second.is_new
    assert second.execution.retry_of == first
    assert second.execution.key_generation == 2
    assert submit("probe-decline", params={}).execution.id == second.execution.id


def test_a_failure_whose_outcome_is_unknown_needs_a_word_more(engine):
    submit("probe-sleep", params={"seconds": 30})
    engine.drain()

    with pytest.raises(errors.OutcomeUnknown):
        submit("probe-sleep", params={"seconds": 30}, on_failed="retry")

    allowed = submit(
        "probe-sleep", params={"seconds": 30}, on_failed="retry", allow_unknown_outcome=True
    )
    assert allowed.is_new


def test_an_unknown_action_is_refused(engine):
    with pytest.raises(errors.ActionNotFound, match="no action 'no-such'"):
        submit("no-such")


def test_wrong_params_are_refused_and_the_key_stays_free(engine):
    with pytest.raises(errors.ParamsInvalid) as refused:
        submit(params={"name": 7, "extra": True})
    assert {one.pointer for one in refused.value.errors} == {"/name", "/extra"}
    assert Execution.objects.count() == IdempotencyRecord.objects.count() == 0

    assert submit().is_new


def test_a_disabled_action_refuses_new_requests_and_replays_old_ones(engine):
    submit()
    engine.drain()
    Action.objects.filter(name="probe-mark").update(is_enabled=False, disabled_note="holidays")

    assert submit().is_replay
    with pytest.raises(errors.ActionDisabled, match="holidays"):
        submit(key="k-2")


def test_an_action_that_was_disabled_elsewhere_refuses_the_next_request(engine):
    first = submit(key=None)
    Action.objects.filter(name="probe-mark").update(is_enabled=False, disabled_note="holidays")

    with pytest.raises(errors.ActionDisabled, match="holidays"):
        submit(key=None)
    with pytest.raises(errors.ActionDisabled, match="holidays"):
        submit(key="k-3")

    assert list(Execution.objects.all()) == [first.execution]
    assert not IdempotencyRecord.objects.exists()


def test_fifty_requests_at_once_with_one_key_make_one_execution(engine):
    found: list[Execution] = []
    barrier = threading.Barrier(50)

    def ask() -> None:
        barrier.wait()
        found.append(submit().execution)
        connection.close()

    _at_once(ask, 50)

    assert len(found) == 50
    assert len({one.id for one in found}) == 1
    assert Execution.objects.count() == 1


def test_two_requests_at_once_with_different_params_leave_one_winner(engine):
    won, refused = [], []
    barrier = threading.Barrier(20)
    numbers = iter(range(20))

    def ask() -> None:
        params = {"name": f"variant {next(numbers) % 2}"}
        barrier.wait()
        try:
            won.append(submit(params=params).execution)
        except errors.IdempotencyKeyReused:
            refused.append(params)
        connection.close()

    _at_once(ask, 20)

    assert len(won) == len(refused) == 10
    assert len({one.id for one in won}) == 1


def test_a_retried_failure_has_one_new_owner_among_fifty(engine):
    submit("probe-decline", params={})
    engine.drain()
    found: list[Execution] = []
    barrier = threading.Barrier(20)

    def ask() -> None:
        barrier.wait()
        found.append(submit("probe-decline", params={}, on_failed="retry").execution)
        connection.close()

    _at_once(ask, 20)

    assert len({one.id for one in found}) == 1
    assert Execution.objects.count() == 2


def _at_once(ask, count: int) -> None:
    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
