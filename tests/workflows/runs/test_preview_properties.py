"""What a preview has said of every step is what the re-run does, for random graphs and outcomes."""

from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from actions import definitions as actions
from actions.errors import ParamsInvalid
from actions.models import Execution
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER
from tests.workflows.runs.random_worlds import (
    GATES,
    Steps,
    World,
    called_outside,
    edits,
    graphs,
    open_gates,
    wishes,
)
from workflows import runs
from workflows.api.runs import bodies
from workflows.models import Run, Step
from workflows.runs.reruns import Preview, RerunWish, Verdict

SETTINGS = settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],  # to shrink costs minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def world(stage, tmp_path) -> World:
    """The engine, and a folder of gates."""
    return World(stage, tmp_path)


@SETTINGS
@given(
    steps=graphs(),
    on_failure=st.sampled_from(["continue", "continue", "stop"]),
    gates=st.tuples(open_gates, open_gates),
    sent=st.sampled_from([{}, {"gates": ["one", "two", "one"]}, {"gates": []}]),
    wanted=wishes,
    params=edits,
    change=st.sampled_from(["", "", "disabled", "dropped"]),
    between=st.sampled_from([None, {}, {"size": 5}]),
)
def test_a_rerun_does_with_every_step_what_its_preview_has_said(
    world, steps, on_failure, gates, sent, wanted, params, change, between
):
    name = f"random-{Run.objects.count()}"
    world.open(gates[0])
    version = world.publish(steps, name=name, on_failure=on_failure)
    old = runs.start(version=version, params=world.given(sent), by=TESTER)
    old = repeated(world, world.stage.go_on(old), params=between)
    wish = world.wish(old, wanted, params=params)
    if change == "dropped":
        steps = without(steps, "s0")
        wish = replace(wish, version=world.publish(steps, name=name, on_failure=on_failure))
    if change == "disabled":
        actions.disable("probe-echo", by=TESTER)
    world.open(gates[1])

    shown = previewed(wish)
    if shown is not None:
        check_rerun(world, shown, steps=steps, gates=gates[1], goes_on=on_failure == "continue")
    actions.enable("probe-echo", by=TESTER)
    assert broken_promises() == []


def previewed(wish: RerunWish) -> Preview | None:
    """What it would do; None where nothing has failed and it would do nothing."""
    may_be_refused = wish.what == "from_failed" and wish.run.status == "succeeded"
    with suppress(ParamsInvalid) if may_be_refused else nullcontext():
        return runs.preview(wish)
    return None


def check_rerun(
    world: World, shown: Preview, *, steps: Steps, gates: set[str], goes_on: bool
) -> None:
    """Confirm a preview, and fail unless just that happens."""
    wish = shown.wish
    if shown.blocked:
        with pytest.raises(ParamsInvalid):
            runs.rerun(wish, digest=shown.digest, by=TESTER)
        return
    new = world.stage.go_on(runs.rerun(wish, digest=shown.digest, by=TESTER))
    check_as_said(shown, new, steps=steps)
    assert shown.needs_reason or not called_outside(new) & called_outside(wish.run)
    if goes_on:
        told = expected(shown, steps, given=new.params, gates=gates)
        assert told.items() <= world.stage.steps(new).items()


def repeated(world: World, run: Run, *, params: Mapping[str, Any] | None) -> Run:
    """A re-run of it from what has failed, or the run itself without params."""
    wish = world.wish(run, ("from_failed", 0), params=params)
    shown = previewed(wish) if params is not None else None
    if shown is None:
        return run
    return world.stage.go_on(runs.rerun(wish, digest=shown.digest, by=TESTER))


def without(steps: Steps, gone: str) -> Steps:
    """The steps without one, and with another one in its place."""
    left = {
        name: step | {"after": [one for one in step["after"] if one != gone]}
        for name, step in steps.items()
        if name != gone
    }
    return left | {
        "fresh": {"action": "probe-nothing", "after": [], "optional": False, "join": "all"}
    }


def check_as_said(shown: Preview, new: Run, *, steps: Steps) -> None:
    """Fail unless each step of the re-run has begun, or been taken over, as the preview said."""
    assert not shown.blocked
    ends = {step.name: step for step in Step.objects.of(new.id)}
    for entry in shown.entries:
        if entry.step not in steps:
            assert (entry.verdict, entry.step in ends) == (Verdict.SKIP, False)
            continue
        step = ends[entry.step]
        if entry.verdict == Verdict.REUSE:
            assert (step.status, step.reused_from, step.execution_id) == (
                "reused",
                entry.source,
                None,
            )
            check_same(step, new, steps[entry.step].get("params"))
        elif entry.verdict == Verdict.SKIP:
            may_be = ("skipped", "pending", "cancelled") if entry.is_conditional else ("skipped",)
            assert step.status in may_be
            assert step.execution_id is None
        else:
            check_executed(entry, step)


def check_same(step: Step, new: Run, params: Any) -> None:
    """Fail if a result was taken over that another call has led to."""
    if params is not None and step.reused_from is not None and "value" in params:
        called = Execution.objects.get(id=step.reused_from)
        assert called.params["value"] == [new.params["gates"], new.params["size"]]


def check_executed(entry: Any, step: Step) -> None:
    """Fail unless it was executed with the params that were shown, or need not have been."""
    assert step.status != "reused"
    assert entry.is_conditional or step.status in ("succeeded", "failed")
    if step.kind == "action" and step.execution_id is not None and entry.params is not None:
        assert Execution.objects.get(id=step.execution_id).params == entry.params
    if step.kind == "map" and step.status in ("succeeded", "failed"):
        elements = Step.objects.elements(step.run_id, step.name)
        reused_count = elements.filter(status="reused").count()
        for one in elements.filter(status="reused", kind="action"):
            called = Execution.objects.get(id=one.reused_from).params
            sized = called.get("value", [one.value, step.run.params["size"]])
            assert sized == [one.value, step.run.params["size"]]
        if entry.element_count:
            assert (elements.count(), reused_count) == (entry.element_count, entry.reused_count)


def expected(
    shown: Preview, steps: Steps, *, given: Mapping[str, Any], gates: set[str]
) -> Mapping[str, str]:
    """How every step ends in a re-run that continues after failures, told without the engine."""
    kept = {Verdict.REUSE: "reused", Verdict.SKIP: "skipped"}
    said = {
        entry.step: "" if entry.is_conditional else kept.get(entry.verdict, "")
        for entry in shown.entries
    }
    old = shown.wish.run
    ends: dict[str, str] = {}
    for name, step in steps.items():
        before = [_counted(ends[one], steps[one]) for one in step["after"]]
        kept_elements = passed_elements(old, name) if shown.wish.what == "from_failed" else set()
        wanted = {gate for gate, _ in set(numbered(given["gates"])) - kept_elements}
        ends[name] = said[name] or _end_of(step, before, given=given, gates=(gates, wanted))
    return ends


def passed_elements(run: Run, name: str) -> set[tuple[str, int]]:
    """The elements of a map that have succeeded, by their values and how often these came before."""
    elements = list(Step.objects.elements(run.id, name))
    identities = numbered([one.value for one in elements])
    return {
        identity
        for identity, one in zip(identities, elements, strict=True)
        if one.status in ("succeeded", "reused")
    }


def numbered(values: list[str]) -> list[tuple[str, int]]:
    """Each value with how often it came before."""
    return [(value, values[:place].count(value)) for place, value in enumerate(values)]


def _counted(end: str, step: dict[str, Any]) -> str:
    is_as_good = end == "reused" or (end == "failed" and step["optional"])
    return "succeeded" if is_as_good else end


def _end_of(
    step: dict[str, Any], before: list[str], *, given: Mapping[str, Any], gates: Any
) -> str:
    has_passed = "succeeded" in before
    if before and set(before) == {"skipped"}:
        return "skipped"
    is_free = has_passed if step["join"] == "any" else set(before) <= {"succeeded", "skipped"}
    if before and not is_free:
        return "pending"
    if step.get("when") == ("!params.go" if given["go"] else "params.go"):
        return "skipped"
    if step.get("map", {}).get("action") == "probe-echo":
        return "succeeded"
    if "workflow" in step:
        return "succeeded" if "one" in gates[0] else "failed"
    if "map" in step:
        return "succeeded" if gates[1] <= gates[0] else "failed"
    gate = step.get("params", {}).get("gate", "").rpartition("/")[2]
    is_shut = gate != "" and gate not in gates[0]
    return "failed" if is_shut or step["action"] == "probe-decline" else "succeeded"


@SETTINGS
@given(
    steps=graphs(),
    gates=st.tuples(open_gates, open_gates),
    wanted=st.lists(st.tuples(wishes, edits), min_size=1, max_size=4),
    again=st.booleans(),
)
def test_a_digest_differs_exactly_where_something_else_is_said(world, steps, gates, wanted, again):
    name = f"random-{Run.objects.count()}"
    world.open(gates[0])
    version = world.publish(steps, name=name, on_failure="continue")
    old = world.stage.go_on(
        runs.start(version=version, params=world.given({"gates": list(GATES)}), by=TESTER)
    )
    shown = [previewed(world.wish(old, what, params=params)) for what, params in wanted]
    may_try = again and not Step.objects.filter(run=old, name__startswith="@undo").exists()
    tried_again = Step.objects.failures([old.id]).first() if may_try else None
    if tried_again is not None:
        world.open(gates[1])
        runs.step_again(run_id=old.id, step=tried_again.name, by=TESTER, reason="A test.")
        old = world.stage.go_on(old)
    shown += [previewed(world.wish(old, what, params=params)) for what, params in wanted]

    for one, other in combinations([one for one in shown if one is not None], 2):
        assert (one.digest == other.digest) == (said_by(one) == said_by(other))


def said_by(shown: Preview) -> Any:
    """All that a preview tells a caller, who knows the params that were asked for."""
    return bodies.preview(shown) | {"digest": "", "params": shown.wish.params}
