"""A failed step tried again in its run, and what of the run comes back with it."""

import pytest

from actions.errors import IdempotencyKeyReused, ParamsInvalid
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER
from tests.probe.models import Mark
from workflows import runs
from workflows.models import Run, Step

GATE = {"action": "probe-when-open"}
TIMER = {"timeout": 3600}


def again(run, step="gate", **wishes):
    return runs.step_again(run_id=run.id, step=step, by=TESTER, **wishes)


def open_gate():
    Mark.objects.create(name="open", attempt=1, execution="")


@pytest.fixture
def stopped_beside(stage, echo):
    """A run that failed at `gate` while `slow` was tried again, so that `behind` never began."""

    def made(**gate):
        run = stage.start(
            {
                "slow": {"action": "probe-flaky", "params": {"name": "slow", "fail_times": 1}},
                "gate": GATE | gate,
                "behind": echo(1, "slow"),
                "last": echo(2, "gate", "behind"),
            }
        )
        return stage.until(run, "failed")

    return made


def test_what_had_become_ready_while_the_run_was_ending_begins_with_it(stage, stopped_beside):
    run = stopped_beside()
    assert stage.steps(run)["behind"] == "pending"
    open_gate()

    again(run)

    assert stage.until(run, "succeeded").error is None
    assert set(stage.steps(run).values()) == {"succeeded"}
    assert broken_promises() == []


def test_a_run_that_succeeded_without_one_of_its_steps_breaks_a_promise(stage, stopped_beside):
    run = stopped_beside()
    Run.objects.filter(id=run.id).update(status="succeeded")

    assert any("behind is pending" in broken.detail for broken in broken_promises())


def test_an_optional_step_is_counted_once_by_those_behind_it(stage, echo):
    run = stage.start(
        {
            "gate": GATE | {"optional": True},
            "other": {"action": "probe-decline"},
            "join": echo(1, "gate", "other"),
        }
    )
    open_gate()

    again(run)

    assert stage.go_on(run).status == "failed"
    assert stage.steps(run) == {"gate": "succeeded", "other": "failed", "join": "pending"}


def test_a_run_that_is_opened_again_has_its_whole_time_once_more(stage, echo):
    run = stage.start({"gate": GATE, "ask": {"event": {"name": "go"}, "after": ["gate"]}}, **TIMER)
    open_gate()
    again(run)
    assert stage.go_on(run).status == "waiting"

    runs.time_out(run_id=run.id, step=None, generation=0)
    assert stage.go_on(run).status == "waiting"

    runs.time_out(run_id=run.id, step=None, generation=1)
    assert stage.go_on(run).error["code"] == "timeout"


def test_the_same_key_tries_a_step_once(stage):
    run = stage.start({"gate": GATE})
    again(run, key="k1")
    stage.go_on(run)

    again(run, key="k1")
    with pytest.raises(IdempotencyKeyReused):
        again(run, key="k1", reason="Another wish.")

    assert len(stage.executions(run)) == 2


def test_what_nobody_knows_the_effect_of_is_tried_again_with_a_reason_only(stage):
    run = stage.start({"gate": {"action": "probe-sleep", "params": {"seconds": 5}}})
    assert Step.objects.get(run=run).error["outcome"] == "unknown"

    with pytest.raises(ParamsInvalid, match="say why"):
        again(run)

    assert again(run, reason="The other side has no trace of it.").status == "running"


def test_a_run_that_was_undone_does_not_go_on_from_what_it_had_done(stage, echo):
    made = echo(1) | {"compensate": {"action": "probe-nothing"}}
    run = stage.start({"make": made, "gate": GATE | {"after": ["make"]}})
    open_gate()

    with pytest.raises(ParamsInvalid, match="make did was undone"):
        again(run)

    assert stage.steps(run)["gate"] == "failed"
