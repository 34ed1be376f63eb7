"""What was called before is found at every depth, and a repeat of an external effect needs a reason."""

import pytest

from actions.errors import ParamsInvalid
from tests.fixtures.engine import TESTER
from workflows import definitions, runs
from workflows.runs.reruns import RerunWish

ANY = {"type": "object"}


@pytest.fixture
def sent(tmp_path):
    """A step that has an external effect, and succeeds."""
    (tmp_path / "open").touch()
    return {"action": "probe-deliver", "params": {"gate": str(tmp_path / "open")}}


@pytest.fixture
def gate(tmp_path):
    """A step that fails until the gate is open."""
    return {"action": "probe-deliver", "params": {"gate": str(tmp_path / "gate")}}


def published(name, steps):
    """An active workflow of that name."""
    definitions.create({"workflow": name, "steps": steps}, by=TESTER)
    definitions.publish(name, by=TESTER)


def confirmed(wish):
    return runs.rerun(wish, digest=runs.preview(wish).digest, by=TESTER)


def entry(wish, name):
    return next(one for one in runs.preview(wish).entries if one.step == name)


def check_needs_reason(run, what, step):
    """Fail unless that re-run is called a repeat, and refused without a reason."""
    wish = RerunWish(run=run, what=what)
    found = entry(wish, step)
    assert (found.effect, found.repeats) == ("external", True)
    with pytest.raises(ParamsInvalid, match="say why"):
        confirmed(wish)


def fail(**rest):
    return {"action": "probe-echo", "params": {"value": "${{ params.missing }}"}} | rest


def test_what_a_rerun_has_taken_over_was_called_before(stage, sent):
    first = stage.start({"out": sent, "end": fail(after=["out"])}, params=ANY)
    second = stage.go_on(confirmed(RerunWish(run=first, what="from_failed")))
    assert stage.steps(second)["out"] == "reused"

    check_needs_reason(second, "whole", "out")


def test_what_was_called_two_reruns_ago_was_called_before(stage, sent):
    steps = {"first": fail(when="params.fails"), "out": sent | {"after": ["first"], "join": "any"}}
    steps = {"ok": {"action": "probe-nothing"}} | steps
    steps["first"] |= {"after": ["ok"]}
    steps["out"] |= {"after": ["ok"], "when": "!params.fails"}
    first = stage.start(steps, given={"fails": False}, params=ANY)
    skipping = RerunWish(run=first, what="whole", params={"fails": True}, reason="A test.")
    second = stage.go_on(confirmed(skipping))
    assert stage.steps(second)["out"] != "succeeded"

    wish = RerunWish(run=second, what="whole", params={"fails": False})
    assert entry(wish, "out").repeats
    assert runs.preview(wish).needs_reason


def test_what_another_rerun_of_the_same_run_has_called_was_called_before(stage, sent, echo):
    out = sent | {"after": ["first"]}
    first = stage.start(
        {"first": echo("${{ params.name }}"), "out": out}, params=ANY, on_failure="stop"
    )
    stage.go_on(confirmed(RerunWish(run=first, what="from_failed", params={"name": "Ada"})))

    wish = RerunWish(run=first, what="from_failed", params={"name": "Bob"})
    assert runs.preview(wish).needs_reason


def test_what_a_sub_run_has_called_was_called_before(stage, sent, gate):
    published("inner", {"out": sent, "gate": gate | {"after": ["out"]}})
    published("outer", {"sub": {"workflow": "inner"}})
    run = stage.start({"deep": {"workflow": "outer"}, "calm": {"action": "probe-nothing"}})
    assert run.status == "failed"

    check_needs_reason(run, "from_failed", "deep")
    assert not entry(RerunWish(run=run, what="from_failed"), "calm").repeats


def test_what_the_sub_runs_of_a_map_have_called_was_called_before(stage, sent, gate):
    published("inner", {"out": sent, "gate": gate | {"after": ["out"]}})
    run = stage.start({"all": {"map": {"over": "[1, 2]", "workflow": "inner"}}})

    check_needs_reason(run, "from_failed", "all")


def test_a_sub_run_that_has_called_nothing_outside_needs_no_reason(stage, sent, echo):
    published("inner", {"bad": fail(), "out": sent | {"after": ["bad"]}})
    run = stage.start({"sub": {"workflow": "inner"}})

    shown = runs.preview(RerunWish(run=run, what="from_failed"))

    assert not shown.needs_reason
    assert confirmed(shown.wish).rerun_of_id == run.id


def test_a_sub_run_that_had_an_effect_outside_is_tried_again_only_with_a_reason(stage, sent, gate):
    published("inner", {"out": sent, "gate": gate | {"after": ["out"]}})
    run = stage.start({"sub": {"workflow": "inner"}})

    with pytest.raises(ParamsInvalid, match="say why it should"):
        runs.step_again(run_id=run.id, step="sub", by=TESTER)

    assert runs.step_again(run_id=run.id, step="sub", by=TESTER, reason="It is up.").id == run.id


@pytest.fixture
def repeated(stage, gate, tmp_path):
    """A failed run, and a re-run of it that has called `out` again, with success."""
    first = stage.start({"out": gate})
    (tmp_path / "gate").touch()
    wish = RerunWish(run=first, what="from_failed", reason="It is up.")
    return first, stage.go_on(confirmed(wish))


def test_what_a_later_rerun_has_called_is_tried_again_only_with_a_reason(repeated):
    first, later = repeated
    assert later.status == "succeeded"

    with pytest.raises(ParamsInvalid, match=f"{later.shown_id}.* has called it"):
        runs.step_again(run_id=first.id, step="out", by=TESTER)

    assert runs.step_again(run_id=first.id, step="out", by=TESTER, reason="Twice.").id == first.id


def test_what_a_rerun_of_a_rerun_has_called_is_tried_again_only_with_a_reason(stage, repeated):
    first, later = repeated
    wish = RerunWish(run=later, what="whole", reason="Once more.")
    last = stage.go_on(confirmed(wish))

    with pytest.raises(ParamsInvalid, match=last.shown_id):
        runs.step_again(run_id=first.id, step="out", by=TESTER)


def test_what_a_rerun_under_way_may_call_is_tried_again_only_with_a_reason(stage, gate):
    first = stage.start({"out": gate, "calm": fail()}, on_failure="continue")
    later = confirmed(RerunWish(run=first, what="from_failed", reason="It is up."))

    with pytest.raises(ParamsInvalid, match=f"{later.shown_id}.* goes on"):
        runs.step_again(run_id=first.id, step="out", by=TESTER)

    assert runs.step_again(run_id=first.id, step="calm", by=TESTER).id == first.id
