"""A call of which nobody knows what it did is repeated with its key, wherever it stands."""

import pytest

from actions.models import Execution
from tests.fixtures.engine import TESTER
from workflows import definitions, runs
from workflows.models import Run, Step
from workflows.runs.reruns import RerunWish

# Its time is up while it is outside.
LOST = {"action": "probe-sleep", "params": {"seconds": 3}}
DEFINITE = {"action": "probe-decline"}


def again(run, what="from_failed"):
    wish = RerunWish(run=run, what=what, reason="A test.")
    shown = runs.preview(wish)
    return shown, runs.rerun(wish, digest=shown.digest, by=TESTER)


def keys(*actions):
    """What was sent downstream, in the order in which it was asked for."""
    found = Execution.objects.filter(action_name__in=actions or ["probe-sleep"]).order_by("id")
    return [one.downstream_key for one in found]


@pytest.fixture
def inner(stage):
    """A workflow of which the only step is lost."""
    definitions.create({"workflow": "inner", "steps": {"lost": LOST}}, by=TESTER)
    return definitions.publish("inner", by=TESTER).version


def test_an_element_keeps_its_key_in_a_rerun_and_when_it_is_tried_again(stage):
    run = stage.start({"all": {"map": {"over": "['x']", **LOST}}})

    shown, new = again(run)
    stage.go_on(new)
    runs.step_again(run_id=new.id, step="all", by=TESTER, reason="A test.")
    stage.go_on(new)

    assert shown.entries[0].kept_key_count == 1
    assert keys() == [f"{run.shown_id}:all[0]:1"] * 3


def test_an_element_that_failed_for_certain_gets_a_new_key(stage):
    run = stage.start({"all": {"map": {"over": "['x']", **DEFINITE}}})

    shown, new = again(run)

    assert shown.entries[0].kept_key_count == 0
    assert keys("probe-decline") == [f"{run.shown_id}:all[0]:1", f"{new.shown_id}:all[0]:1"]


def test_the_steps_of_a_sub_run_keep_their_keys(stage, inner):
    run = stage.start({"sub": {"workflow": "inner"}})
    (child,) = Run.objects.filter(parent=run)

    shown, new = again(run, "whole")
    stage.go_on(new)
    runs.step_again(run_id=new.id, step="sub", by=TESTER, reason="A test.")
    stage.go_on(new)

    assert shown.entries[0].kept_key_count == 1
    assert keys() == [f"{child.shown_id}:lost:1"] * 3
    assert Run.objects.filter(parent=new).earliest("id").rerun_of_id == child.id


def test_the_sub_runs_of_a_map_in_a_sub_run_keep_their_keys(stage, inner):
    steps = {"all": {"map": {"over": "[1]", "workflow": "inner"}}}
    definitions.create({"workflow": "middle", "steps": steps}, by=TESTER)
    definitions.publish("middle", by=TESTER)
    run = stage.start({"sub": {"workflow": "middle"}})
    lost = Step.objects.get(name="lost")

    shown, new = again(run)
    stage.go_on(new)

    assert shown.entries[0].kept_key_count == 1
    assert keys() == [f"{lost.run.shown_id}:lost:1"] * 2


def test_a_key_is_kept_through_a_rerun_that_did_not_come_to_its_step(stage, echo):
    steps = {"first": echo("${{ params.name }}"), "lost": LOST | {"after": ["first"]}}
    run = stage.start(steps, given={"name": 1}, params={"type": "object"})
    wish = RerunWish(run=run, what="whole", params={}, reason="A test.")
    between = stage.go_on(runs.rerun(wish, digest=runs.preview(wish).digest, by=TESTER))
    assert stage.steps(between)["lost"] == "pending"

    wish = RerunWish(run=between, what="whole", params={"name": 1}, reason="A test.")
    shown = runs.preview(wish)
    stage.go_on(runs.rerun(wish, digest=shown.digest, by=TESTER))

    assert {one.step: one.kept_key_count for one in shown.entries} == {"first": 0, "lost": 1}
    assert keys() == [f"{run.shown_id}:lost:1"] * 2
