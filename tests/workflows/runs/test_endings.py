"""What a run does in order to end, while its time is up, and while somebody cancels or pauses it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from actions import definitions, executions
from actions.executions.perform import first_claim
from actions.models import Execution
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER
from tests.fixtures.waiting import wait_until
from tests.probe.models import Mark
from tests.workflows.runs.conftest import Stage
from workflows import runs
from workflows.models import Run, RunEvent, Step
from workflows.runs.reruns import RerunWish
from workflows.runs.waiting import why_waiting

BAD = {"action": "probe-decline"}
FLAKY = {"action": "probe-flaky", "params": {"name": "tried", "fail_times": 5}}
BOTH = {"compensate_after": ["failed", "cancelled"]}
TOLD = {
    "action": "probe-mark",
    "params": {"name": "${{ error.message }}"},
}


def mark(name: str, *after: str, undo: Any = None) -> dict[str, Any]:
    step = {"action": "probe-mark", "params": {"name": name}, "after": list(after)}
    undo = {"action": "probe-mark", "params": {"name": undo}} if isinstance(undo, str) else undo
    return step | ({"compensate": undo} if undo else {})


def marks() -> list[str]:
    found = Mark.objects.exclude(name__in=("open", "tried")).order_by("id")
    return list(found.values_list("name", flat=True))


def sentence_of(run: Run) -> str:
    told = why_waiting(run, list(Step.objects.active([run.id])), {})
    return told.sentence if told else ""


@pytest.fixture
def retrying(stage: Stage) -> Any:
    """Starts a run, and works until what undoes its step `make` is between two tries."""

    def begun(*, first: str | None = "undo first", **rest: Any) -> Run:
        steps = {
            "first": mark("first", undo=first),
            "make": mark("make", "first", undo=FLAKY),
            "bad": BAD | {"after": ["make"]},
        }
        run = runs.start(version=stage.publish(steps, **rest), params={}, by=TESTER)
        wait_until(lambda: _is_retrying(stage, run), what="an undoing that is tried again")
        return Run.objects.get(id=run.id)

    return begun


def _is_retrying(stage: Stage, run: Run) -> bool:
    stage.engine.step()
    waiting = Execution.objects.filter(run_id=run.id, status="retrying")
    return waiting.update(run_at=Now() + timedelta(hours=1)) > 0


def due(run: Run) -> None:
    """Let its next try come."""
    Execution.objects.filter(run_id=run.id, status="retrying").update(run_at=Now())


def ended(stage: Stage, run: Run) -> Run:
    """Let every try come until the run has ended."""

    def has_ended() -> bool:
        due(run)
        return stage.go_on(run).has_ended

    wait_until(has_ended, what="the end of the run")
    return Run.objects.get(id=run.id)


def test_the_time_of_a_run_ends_no_undoing_and_takes_no_cause_away(stage, retrying):
    run = retrying(timeout=3600)

    runs.time_out(run_id=run.id, step=None, generation=0)

    assert stage.steps(run)["@undo.make"] == "queued"
    run = ended(stage, run)
    assert (run.error["step"], run.error["code"]) == ("bad", "card_declined")
    assert stage.steps(run)["@undo.first"] == "succeeded"


def test_the_time_of_a_run_above_ends_no_undoing_of_its_sub_run(stage):
    steps = {"make": mark("make", undo={"action": "probe-nothing"})}
    stage.publish(steps | {"bad": BAD | {"after": ["make"]}}, workflow="inner")
    definitions.disable("probe-nothing", by=TESTER)
    run = stage.start({"call": {"workflow": "inner"}}, timeout=3600)
    child = Run.objects.get(parent=run)

    runs.time_out(run_id=run.id, step=None, generation=0)
    assert stage.steps(stage.go_on(child))["@undo.make"] == "waiting"
    definitions.enable("probe-nothing", by=TESTER)

    assert stage.go_on(run).error["code"] == "timeout"
    assert stage.steps(child)["@undo.make"] == "succeeded"
    assert broken_promises() == []


def test_what_was_given_up_is_not_undone_and_is_reused(stage, retrying):
    run = retrying(first=None)
    for _ in range(2):
        runs.cancel(run_id=run.id, by=TESTER)
    run = ended(stage, run)

    shown = runs.preview(RerunWish(run=run, what="from_failed"))

    assert stage.steps(run)["@undo.make"] == "cancelled"
    assert {entry.step: str(entry.verdict) for entry in shown.entries}["make"] == "reuse"


@pytest.mark.parametrize("on_failure", ["stop", "continue"])
def test_a_run_whose_time_is_up_names_the_step_that_has_failed_before(stage, on_failure):
    steps = {"bad": BAD, "ask": {"event": {"name": "go"}}}
    run = stage.start(steps, on_failure=on_failure, timeout=3600)

    runs.time_out(run_id=run.id, step=None, generation=0)

    run = stage.go_on(run)
    assert (run.status, run.error["step"], run.error["code"]) == ("failed", "bad", "card_declined")


def test_a_run_whose_time_is_up_names_no_attempt(stage):
    run = stage.start({"ask": {"event": {"name": "go"}}}, timeout=3600)

    runs.time_out(run_id=run.id, step=None, generation=0)

    error = stage.go_on(run).error
    assert (error["step"], error["attempt"], error["code"]) == (None, None, "timeout")


def test_the_first_cancel_changes_no_undoing_that_has_begun(stage, retrying):
    run = retrying()

    runs.cancel(run_id=run.id, by=TESTER)
    assert stage.steps(run)["@undo.make"] == "queued"

    assert ended(stage, run).status == "cancelled"
    assert marks() == ["first", "make", "undo first"]


def test_cancelling_again_gives_up_what_is_between_two_tries_and_the_error_says_so(stage, retrying):
    run = retrying(**BOTH)
    runs.cancel(run_id=run.id, by=TESTER)

    runs.cancel(run_id=run.id, by=TESTER, reason="Enough.")

    run = stage.go_on(run)
    assert run.status == "cancelled"
    assert run.error["message"] == (
        "Step bad failed at attempt 1: The card was declined. "
        "What make did was not undone: that was cancelled."
    )
    assert marks() == ["first", "make", "undo first"]
    asked = RunEvent.objects.of(run.id).filter(type="cancel_requested").last()
    assert asked.data == {"reason": "Enough.", "gives_up": ["@undo.make"]}
    assert broken_promises() == []


def test_a_cancelled_run_says_what_was_not_undone_though_nothing_else_failed(stage):
    steps = {"make": mark("make", undo=BAD), "ask": {"event": {"name": "go"}, "after": ["make"]}}
    run = stage.start(steps, **BOTH)

    runs.cancel(run_id=run.id, by=TESTER)

    run = stage.go_on(run)
    assert (run.status, run.error["code"]) == ("cancelled", "not_undone")
    assert run.error["message"] == "What make did was not undone: The card was declined."


def test_a_failed_run_says_what_was_not_undone_to_its_failure_handler_too(stage):
    steps = {"make": mark("make", undo=BAD), "bad": BAD | {"after": ["make"]}}

    heard = "${{ error.message.contains('make did was not undone') ? 'heard' : 'not' }}"
    handler = {"action": "probe-mark", "params": {"name": heard}}

    run = stage.start(steps, failure_handler=handler)

    told = "Step bad failed at attempt 1: The card was declined. What make did was not undone: "
    assert run.error["message"] == f"{told}The card was declined."
    assert marks() == ["make", "heard"]


@pytest.fixture
def paused(stage: Stage) -> Any:
    """A run that was paused while the step was running that fails then."""

    def begun(**rest: Any) -> Run:
        steps = {"make": mark("make", undo="undo"), "bad": BAD | {"after": ["make"]}}
        run = runs.start(version=stage.publish(steps, **rest), params={}, by=TESTER)
        executions.perform(
            first_claim(stage.engine.bench), bench=stage.engine.bench, may_claim=False
        )
        running = first_claim(stage.engine.bench)
        runs.pause(run_id=run.id, by=TESTER)
        executions.perform(running, bench=stage.engine.bench)
        return stage.go_on(run)

    return begun


def test_a_paused_run_undoes_nothing_until_it_is_resumed(stage, paused):
    run = paused(failure_handler=TOLD)
    assert (run.status, marks()) == ("paused", ["make"])
    assert sentence_of(run) == (
        "It is paused. Resume it and it undoes what its steps have done, make first."
    )
    assert broken_promises() == []

    runs.resume(run_id=run.id, by=TESTER)

    run = stage.go_on(run)
    assert (run.status, run.paused_at, marks()[:2]) == ("failed", None, ["make", "undo"])


def test_a_paused_run_calls_no_failure_handler_until_it_is_resumed(stage, paused):
    run = paused(compensate_after=[], failure_handler=TOLD)
    assert (run.status, marks()) == ("paused", ["make"])
    assert sentence_of(run) == "It is paused. Resume it and it calls its failure handler."

    runs.resume(run_id=run.id, by=TESTER)

    assert stage.go_on(run).status == "failed"
    assert len(marks()) == 2


def test_a_run_that_ends_is_not_paused_any_more(stage, paused):
    run = paused(compensate_after=[])

    assert (run.status, run.paused_at) == ("failed", None)


def test_what_undoes_a_step_stays_held_up_when_its_action_is_enabled_in_a_paused_run(stage):
    definitions.disable("probe-nothing", by=TESTER)
    make = mark("make", undo={"action": "probe-nothing"})
    run = stage.start({"make": make, "bad": BAD | {"after": ["make"]}})
    runs.pause(run_id=run.id, by=TESTER)

    definitions.enable("probe-nothing", by=TESTER)
    assert stage.go_on(run).status == "paused"

    runs.resume(run_id=run.id, by=TESTER)
    assert stage.go_on(run).status == "failed"
    assert stage.steps(run)["@undo.make"] == "succeeded"


def test_cancelling_a_paused_run_undoes_what_pausing_has_held_up(stage, paused):
    run = paused(**BOTH)

    runs.cancel(run_id=run.id, by=TESTER)

    run = stage.go_on(run)
    assert (run.status, run.paused_at, marks()) == ("cancelled", None, ["make", "undo"])


def test_the_failure_handler_is_called_at_every_end_of_a_run_that_was_opened_again(stage):
    run = stage.start({"gate": {"action": "probe-when-open"}}, failure_handler=TOLD)
    runs.step_again(run_id=run.id, step="gate", by=TESTER)

    run = stage.go_on(run)

    assert (run.status, len(marks())) == ("failed", 2)
    called = Execution.objects.filter(run_id=run.id, action_name="probe-mark").order_by("id")
    keys = [one.downstream_key for one in called]
    assert keys == [f"{run.shown_id}:@on_failure:{number}" for number in (1, 2)]
    assert broken_promises() == []


def test_what_could_not_be_undone_is_tried_again_at_the_next_end(stage):
    gate = {"action": "probe-when-open", "after": ["make"]}
    run = stage.start({"make": mark("make", undo=BAD), "gate": gate})
    assert stage.steps(run)["@undo.make"] == "failed"

    runs.step_again(run_id=run.id, step="gate", by=TESTER)

    run = stage.go_on(run)
    assert run.status == "failed"
    assert Step.objects.get(run=run, name="@undo.make").generation == 2
    assert run.error["message"].count("was not undone") == 1
    assert broken_promises() == []
