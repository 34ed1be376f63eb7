"""Running an ended execution again, as a new one."""

import pytest

from actions import errors, executions
from actions.models import Execution, ExecutionEvent, IdempotencyRecord
from tests.fixtures.engine import TESTER


def test_a_rerun_is_a_new_execution_linked_to_the_old_one_without_its_key(engine):
    old = engine.submit("probe-decline", key="k")
    engine.drain()

    new = executions.rerun(execution_id=old.id, by=TESTER, reason="the card is fine now")

    assert new.id != old.id
    assert new.rerun_of_id == old.id
    assert new.idempotency_key is None
    assert new.status == "queued"
    assert IdempotencyRecord.objects.get().execution_id == old.id
    event = ExecutionEvent.objects.get(type="rerun_requested")
    assert event.execution_id == old.id
    assert event.data == {"execution": new.shown_id, "reason": "the card is fine now"}


def test_a_rerun_may_have_other_params(engine):
    old = engine.run("probe-echo", value=1)

    new = executions.rerun(execution_id=old.id, by=TESTER, params={"value": 2})

    assert new.params == {"value": 2}


def test_wrong_params_refuse_the_rerun_and_leave_no_trace(engine):
    old = engine.run("probe-mark", name="one")

    with pytest.raises(errors.ParamsInvalid):
        executions.rerun(execution_id=old.id, by=TESTER, params={"name": 1})

    assert not ExecutionEvent.objects.filter(type="rerun_requested").exists()


def test_what_has_not_ended_cannot_be_rerun(engine):
    waiting = engine.submit("probe-mark", name="one")

    with pytest.raises(errors.NotRerunnable, match="is queued; cancel it"):
        executions.rerun(execution_id=waiting.id, by=TESTER)


def test_after_an_unknown_outcome_the_downstream_key_stays_the_same(engine):
    unknown = engine.run("probe-sleep", seconds=30)
    known = engine.run("probe-decline")

    again = executions.rerun(execution_id=unknown.id, by=TESTER)
    anew = executions.rerun(execution_id=known.id, by=TESTER)

    assert again.downstream_key == unknown.downstream_key
    assert anew.downstream_key != known.downstream_key
    assert executions.downstream_of_rerun(unknown).choice == "same"
    assert executions.downstream_of_rerun(known).choice == "new"


def test_what_was_stopped_in_the_middle_outside_keeps_its_downstream_key_as_well(engine):
    stopped = engine.run("probe-repeatable")
    Execution.objects.filter(id=stopped.id).update(status="cancelled")
    stopped.refresh_from_db()

    again = executions.rerun(execution_id=stopped.id, by=TESTER)

    assert again.downstream_key == stopped.downstream_key
    assert "in the middle" in executions.downstream_of_rerun(stopped).reason
