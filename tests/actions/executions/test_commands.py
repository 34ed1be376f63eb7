"""A command with a key is done once, however often it is sent."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from actions import errors, executions
from actions.models import Execution, ExecutionEvent, IdempotencyRecord
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER


def test_a_rerun_that_is_sent_twice_with_its_key_starts_one(engine):
    old = engine.run("probe-decline")
    wish = {"execution_id": old.id, "by": TESTER, "reason": "again", "key": "press-1"}

    first = executions.rerun(**wish)
    second = executions.rerun(**wish)

    assert first.id == second.id
    assert Execution.objects.filter(rerun_of=old).count() == 1
    assert ExecutionEvent.objects.filter(type="rerun_requested").count() == 1


def test_the_key_of_a_command_belongs_to_what_the_command_is_about(engine):
    one, other = engine.run("probe-decline"), engine.run("probe-decline")

    first = executions.rerun(execution_id=one.id, by=TESTER, key="press-1")
    second = executions.rerun(execution_id=other.id, by=TESTER, key="press-1")

    assert (first.rerun_of_id, second.rerun_of_id) == (one.id, other.id)


@pytest.mark.parametrize("change", [{"reason": "another"}, {"params": {}}])
def test_a_key_that_stands_for_another_wish_is_refused(engine, change):
    old = engine.run("probe-decline")
    executions.rerun(execution_id=old.id, by=TESTER, key="press-1")

    with pytest.raises(errors.IdempotencyKeyReused, match="use a new key"):
        executions.rerun(execution_id=old.id, by=TESTER, key="press-1", **change)

    assert Execution.objects.filter(rerun_of=old).count() == 1


def test_after_a_change_of_the_secret_a_command_is_compared_with_what_was_asked(engine, settings):
    old = engine.run("probe-mark", name="one")
    wish = {"execution_id": old.id, "by": TESTER, "reason": "again", "params": {"name": "two"}}
    first = executions.rerun(key="press-1", **wish)
    settings.ACTIONSITE_FINGERPRINT_KEY = "another-" * 8

    assert executions.rerun(key="press-1", **wish).id == first.id
    for change in ({"reason": "another"}, {"params": {"name": "three"}}, {"params": None}):
        with pytest.raises(errors.IdempotencyKeyReused, match="use a new key"):
            executions.rerun(key="press-1", **{**wish, **change})
    with pytest.raises(errors.IdempotencyKeyReused, match="use a new key"):
        executions.cancel(execution_id=old.id, by=TESTER, key="press-1")


def test_a_command_of_which_nobody_knows_what_was_asked_is_not_replayed(engine, settings):
    old = engine.run("probe-decline")
    executions.rerun(execution_id=old.id, by=TESTER, key="press-1")
    # As one was remembered before what was asked was kept.
    IdempotencyRecord.objects.filter(kind="command").update(asked_sealed=None)
    settings.ACTIONSITE_FINGERPRINT_KEY = "another-" * 8

    with pytest.raises(errors.IdempotencyKeyReused, match="was changed"):
        executions.rerun(execution_id=old.id, by=TESTER, key="press-1")


def test_what_was_asked_is_kept_sealed(engine):
    old = engine.run("probe-login", user="ann", code="first-5e7d")

    executions.rerun(
        execution_id=old.id, by=TESTER, key="k", params={"user": "ann", "code": "canary-5e7d"}
    )

    kept = IdempotencyRecord.objects.get(kind="command")
    assert b"canary-5e7d" not in bytes(kept.asked_sealed)


def test_a_refused_rerun_does_not_use_its_key_up(engine):
    old = engine.run("probe-mark", name="one")
    wish = {"execution_id": old.id, "by": TESTER, "key": "press-1"}
    with pytest.raises(errors.ParamsInvalid):
        executions.rerun(params={"name": 1}, **wish)

    new = executions.rerun(params={"name": "two"}, **wish)

    assert new.params == {"name": "two"}


def test_the_record_of_a_command_expires_after_the_end_of_what_it_led_to(engine):
    old = engine.run("probe-decline")

    executions.rerun(execution_id=old.id, by=TESTER, key="press-1")

    record = IdempotencyRecord.objects.get(kind="command", name=old.shown_id)
    assert record.expires_at is None
    engine.drain()
    record.refresh_from_db()
    assert record.expires_at is not None


def test_a_key_whose_time_is_over_may_be_used_for_a_new_command(engine):
    old = engine.run("probe-decline")
    wish = {"execution_id": old.id, "by": TESTER, "key": "press-1"}
    first = executions.rerun(**wish)
    IdempotencyRecord.objects.filter(kind="command").update(expires_at=Now() - timedelta(days=1))

    second = executions.rerun(**wish)
    again = executions.rerun(**wish)

    assert first.id != second.id == again.id


def test_the_key_of_a_command_breaks_no_promise_about_the_keys_of_requests(engine):
    old = engine.run("probe-decline")

    executions.rerun(execution_id=old.id, by=TESTER, key="press-1")
    while_it_waits = broken_promises()
    engine.drain()

    assert while_it_waits == broken_promises() == []
