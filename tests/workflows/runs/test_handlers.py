"""After a failure: what was done is undone, the last first, and somebody is told."""

from tests.fixtures.engine import TESTER
from tests.probe.models import Mark
from workflows import runs
from workflows.models import Run, RunEvent
from workflows.runs.reruns import RerunWish

FAIL = {"action": "probe-decline"}
ASK = {"approval": {"message": "May I?"}}


def mark(name, *after, undo=None):
    step = {"action": "probe-mark", "params": {"name": name}, "after": list(after)}
    if undo:
        step["compensate"] = {"action": "probe-mark", "params": {"name": undo}}
    return step


def marks():
    return list(Mark.objects.order_by("id").values_list("name", flat=True))


def test_what_has_succeeded_is_undone_in_reverse_order_and_the_run_still_fails(stage):
    run = stage.start(
        {
            "one": mark("one", undo="undo one"),
            "two": mark("two", "one", undo="undo two"),
            "plain": mark("plain", "two"),
            "bad": FAIL | {"after": ["plain"]},
        }
    )

    assert marks() == ["one", "two", "plain", "undo two", "undo one"]
    assert (run.status, run.error["step"]) == ("failed", "bad")
    assert stage.steps(run)["@undo.one"] == "succeeded"


def test_a_failing_undo_is_recorded_and_the_others_follow(stage):
    broken = mark("two", "one")
    broken["compensate"] = FAIL
    run = stage.start(
        {"one": mark("one", undo="undo one"), "two": broken, "bad": FAIL | {"after": ["two"]}}
    )

    assert marks() == ["one", "two", "undo one"]
    assert stage.steps(run)["@undo.two"] == "failed"
    assert (run.status, run.error["step"]) == ("failed", "bad")


def test_a_cancelled_run_is_undone_only_if_its_definition_says_so(stage):
    steps = {"one": mark("one", undo="undo one"), "ask": ASK | {"after": ["one"]}}
    for name, ends in [("plain", ["failed"]), ("thorough", ["failed", "cancelled"])]:
        run = stage.start(steps, workflow=name, compensate_after=ends)
        runs.cancel(run_id=run.id, by=TESTER)
        assert stage.go_on(run).status == "cancelled"

    assert marks() == ["one", "one", "undo one"]


def test_the_failure_handler_is_told_which_step_failed_and_why(stage):
    run = stage.start(
        {"bad": FAIL},
        failure_handler={
            "action": "probe-mark",
            "params": {"name": "${{ error.step }}: ${{ error.code }}"},
        },
    )

    assert marks() == ["bad: card_declined"]
    assert run.status == "failed"
    assert [event.type for event in RunEvent.objects.of(run.id)][-1] == "failed"


def test_a_run_says_that_it_is_being_undone(stage):
    steps = {"one": mark("one", undo="undo one"), "bad": FAIL | {"after": ["one"]}}
    run = runs.start(version=stage.publish(steps), params={}, by=TESTER)
    seen = set()
    while not Run.objects.get(id=run.id).has_ended:
        stage.engine.step()
        seen.add(Run.objects.get(id=run.id).reason)

    assert "compensating" in seen


def test_what_was_undone_is_not_reused(stage):
    run = stage.start({"one": mark("one", undo="undo one"), "bad": FAIL | {"after": ["one"]}})

    shown = runs.preview(RerunWish(run=run, what="from_failed"))

    assert {entry.step: str(entry.verdict) for entry in shown.entries} == {
        "one": "execute",
        "bad": "execute",
    }
