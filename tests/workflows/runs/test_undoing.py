"""What a step did is undone once, whichever runs have taken its result over, and not reused then."""

import threading
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from actions.errors import ParamsInvalid
from actions.models import Execution
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER
from tests.probe.models import Mark
from tests.workflows.runs.conftest import Stage
from workflows import runs
from workflows.models import Run, RunEvent, Step
from workflows.runs import reading
from workflows.runs.advance import on_locked_runs
from workflows.runs.control import cancel_within
from workflows.runs.reruns import RerunWish

CANCELLED = {"compensate_after": ["cancelled"]}


def mark(name: str, *after: str, undo: Any = None) -> dict[str, Any]:
    step = {"action": "probe-mark", "params": {"name": name}, "after": list(after)}
    undo = {"action": "probe-mark", "params": {"name": undo}} if isinstance(undo, str) else undo
    return step | ({"compensate": undo} if undo else {})


def marks() -> list[str]:
    return list(Mark.objects.order_by("id").exclude(name="open").values_list("name", flat=True))


class Family:
    """A run that failed at a gate after its steps had passed, and re-runs that wait behind it."""

    def __init__(self, stage: Stage, steps: dict[str, Any]) -> None:
        self.stage = stage
        gate = {"action": "probe-when-open", "after": list(steps)}
        ask = {"event": {"name": "go"}, "after": ["gate"]}
        self.first = stage.start({**steps, "gate": gate, "ask": ask}, **CANCELLED)
        Mark.objects.create(name="open", attempt=1, execution="")

    def wish(self) -> RerunWish:
        return RerunWish(run=self.first, what="from_failed")

    def again(self) -> Run:
        """A re-run, which waits for its event."""
        wish = self.wish()
        new = runs.rerun(wish, digest=runs.preview(wish).digest, by=TESTER)
        assert self.stage.steps(self.stage.go_on(new))["make"] == "reused"
        return new

    def cancelled(self) -> Run:
        """A re-run that was cancelled, and has undone what it could."""
        return self.cancel(self.again())

    def cancel(self, run: Run) -> Run:
        runs.cancel(run_id=run.id, by=TESTER)
        return self.stage.go_on(run)

    def said(self) -> dict[str, str]:
        """What another re-run would do with each step."""
        shown = runs.preview(self.wish())
        return {entry.step: f"{entry.verdict}: {entry.why}" for entry in shown.entries}


@pytest.fixture
def family(stage):
    """One step, undone by a mark."""
    return Family(stage, {"make": mark("make", undo="undo")})


def test_what_a_rerun_has_undone_is_not_reused_by_another_one(family):
    undoing = family.cancelled()

    assert marks() == ["make", "undo"]
    assert family.said()["make"] == f"execute: What it did was undone by {undoing.shown_id}."


def test_a_step_is_not_tried_again_after_a_rerun_has_undone_what_was_before_it(family):
    undoing = family.cancelled()

    with pytest.raises(ParamsInvalid, match=f"make did was undone by {undoing.shown_id}"):
        runs.step_again(run_id=family.first.id, step="gate", by=TESTER)


def test_what_is_being_undone_counts_as_undone(family):
    undoing = family.again()
    runs.cancel(run_id=undoing.id, by=TESTER)

    assert f"is being undone by {undoing.shown_id}" in family.said()["make"]
    with pytest.raises(ParamsInvalid, match="make did is being undone by"):
        runs.step_again(run_id=family.first.id, step="gate", by=TESTER)


def test_what_could_not_be_undone_is_reused_and_its_run_goes_on(stage):
    family = Family(stage, {"make": mark("make", undo={"action": "probe-decline"})})
    assert stage.steps(family.cancelled())["@undo.make"] == "failed"

    assert family.said()["make"].startswith("reuse")
    runs.step_again(run_id=family.first.id, step="gate", by=TESTER)
    assert stage.go_on(family.first).status == "waiting"


def test_what_a_run_that_goes_on_stands_on_is_undone_by_the_last_of_them(family, stage):
    one, two = family.again(), family.again()
    assert family.cancel(one).status == "cancelled"

    assert marks() == ["make"]
    assert stage.steps(one)["@undo.make"] == "skipped"
    told = RunEvent.objects.of(one.id).get(type="step_skipped")
    assert told.data["why"] == f"What make did stays: {two.shown_id} relies on it."
    family.cancel(two)
    assert marks() == ["make", "undo"]
    assert broken_promises() == []


def test_two_reruns_that_are_cancelled_at_once_undo_it_once(family, stage):
    both = [family.again(), family.again()]
    with transaction.atomic(), on_locked_runs([run.id for run in both]) as passage:
        for run in both:
            cancel_within(passage, passage.runs[run.id], by=TESTER, reason="")
    stage.engine.drain()

    assert marks() == ["make", "undo"]
    both.sort(key=lambda run: stage.steps(run)["@undo.make"])
    assert [stage.steps(run)["@undo.make"] for run in both] == ["skipped", "succeeded"]
    told = RunEvent.objects.of(both[0].id).get(type="step_skipped").data["why"]
    assert told.startswith("What make did ")
    assert told.endswith(f"undone by {both[1].shown_id}.")
    assert broken_promises() == []


def lock_at_once(run: Run) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '50ms'")
        reading.lock([run.id])


def test_while_a_run_changes_no_rerun_of_the_same_family_does(family):
    one, two = family.again(), family.again()
    has_locked, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            reading.lock([one.id])
            has_locked.set()
            may_end.wait(10)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    has_locked.wait(10)
    for other in (two, family.first):
        with pytest.raises(OperationalError):
            lock_at_once(other)
    may_end.set()
    holder.join()


def test_an_undoing_that_failed_is_tried_by_the_next_run_that_has_the_effect(stage):
    family = Family(stage, {"make": mark("make", undo={"action": "probe-decline"})})
    one, two = family.cancelled(), family.cancelled()

    assert [stage.steps(run)["@undo.make"] for run in (one, two)] == ["failed", "failed"]
    assert broken_promises() == []


def test_the_key_of_an_undoing_of_which_nobody_knows_what_it_did_goes_downstream_again(stage):
    slow = {"action": "probe-sleep", "params": {"seconds": 5}}
    family = Family(stage, {"make": mark("make", undo=slow)})
    one, two = family.cancelled(), family.cancelled()

    tried = Execution.objects.filter(run_id__in=[one.id, two.id], action_name="probe-sleep")
    assert {step.downstream_key for step in tried} == {f"{one.shown_id}:@undo.make:1"}
    assert [stage.steps(run)["@undo.make"] for run in (one, two)] == ["failed", "failed"]


def test_what_was_taken_over_is_undone_in_reverse_order_of_the_graph(stage):
    family = Family(
        stage,
        {
            "make": mark("make"),
            "create_user": mark("user", undo="undo user"),
            "pay": mark("pay", "create_user", undo="undo pay"),
        },
    )

    family.cancelled()

    assert marks()[-2:] == ["undo pay", "undo user"]


def test_a_run_that_took_over_what_was_undone_before_breaks_a_promise(family, stage):
    one, two = family.again(), family.again()
    family.cancel(one)
    family.cancel(two)
    assert broken_promises() == []

    Step.objects.filter(run=one, name="make").update(finished_at="2999-01-01T00:00:00Z")

    assert any("which had been undone" in broken.detail for broken in broken_promises())


def test_an_effect_that_two_runs_have_undone_breaks_a_promise(family, stage):
    one, two = family.again(), family.again()
    family.cancel(one)
    family.cancel(two)

    Step.objects.filter(run=one, name="@undo.make").update(status="succeeded")

    assert any("was undone 2 times" in broken.detail for broken in broken_promises())


def test_an_undoing_that_nobody_has_given_up_and_that_was_cancelled_breaks_a_promise(stage):
    steps = {"make": mark("make", undo="undo"), "bad": {"action": "probe-decline"}}
    steps["bad"]["after"] = ["make"]
    run = stage.start(steps)
    assert broken_promises() == []

    Step.objects.filter(run=run, name="@undo.make").update(status="cancelled")

    assert any("which nobody has given up" in broken.detail for broken in broken_promises())


def test_what_a_run_that_has_succeeded_stands_on_stays(stage, family):
    stands = family.again()
    runs.send(run_id=stands.id, name="go", payload=None, by=TESTER)
    assert stage.go_on(stands).status == "succeeded"

    cancelled = family.cancelled()

    assert marks() == ["make"]
    told = RunEvent.objects.of(cancelled.id).get(type="step_skipped").data["why"]
    assert told == f"What make did stays: {stands.shown_id} relies on it."
    assert family.said()["make"].startswith("reuse")
    assert broken_promises() == []
