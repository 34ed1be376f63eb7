"""A command with a key is done once, however often it is sent."""

import pytest

from actions import errors, executions
from actions.models import Execution, ExecutionEvent, IdempotencyRecord
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


def test_a_refused_rerun_does_not_use_its_key_up(engine):
    old = engine.run("probe-mark", name="one")
    wish = {"execution_id": old.id, "by": TESTER, "key": "press-1"}
    with pytest.raises(errors.ParamsInvalid):
        executions.rerun(params={"name": 1}, **wish)

    new = executions.rerun(params={"name": "two"}, **wish)

    assert new.params == {"name": "two"}


def test_the_record_of_a_command_expires(engine):
    old = engine.run("probe-decline")

    executions.rerun(execution_id=old.id, by=TESTER, key="press-1")

    record = IdempotencyRecord.objects.get(kind="command", name=old.shown_id)
    assert record.expires_at is not None
