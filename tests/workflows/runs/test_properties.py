"""Random graphs with random outcomes, worked off by several workers in any order."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions import executions
from actions.executions.perform import first_claim
from actions.models import Execution
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER, Engine
from tests.probe.models import Mark
from tests.workflows.runs.conftest import Stage
from workflows import definitions, runs
from workflows.models import Run, RunEvent, Step

Steps = dict[str, dict[str, Any]]

_ACTIONS = st.sampled_from(["probe-nothing", "probe-nothing", "probe-nothing", "probe-decline"])
# None, or one that all steps share which have it, perhaps of several runs.
_KEYS = st.sampled_from([{}, {}, {"concurrency_key": {"key": "'all'"}}])
_WHEN = st.sampled_from([None, None, "true", "false"])


@st.composite
def graphs(draw: st.DrawFn) -> Steps:
    """Steps that wait for some of those before them."""
    steps: Steps = {}
    for number in range(draw(st.integers(1, 9))):
        before = draw(st.lists(st.sampled_from(sorted(steps)), unique=True)) if steps else []
        steps[f"s{number}"] = {
            "action": draw(_ACTIONS),
            "after": before,
            "join": draw(st.sampled_from(["all", "all", "any"])),
            "optional": draw(st.booleans()),
        }
        steps[f"s{number}"] |= _when(draw(_WHEN)) | draw(_KEYS)
    return steps


def _when(condition: str | None) -> Steps:
    return {} if condition is None else {"when": condition}  # type: ignore[dict-item]  # a step has any


def expected(steps: Steps) -> Mapping[str, str]:
    """How every step ends in a run that continues after failures, told without the engine."""
    ends: dict[str, str] = {}
    for name, step in steps.items():
        before = [_counted(ends[one], steps[one]) for one in step["after"]]
        ends[name] = _end_of(step, before)
    return ends


def _counted(end: str, step: dict[str, Any]) -> str:
    return "succeeded" if end == "failed" and step["optional"] else end


def _end_of(step: dict[str, Any], before: list[str]) -> str:
    has_passed = "succeeded" in before
    if before and set(before) == {"skipped"}:
        return "skipped"
    is_free = has_passed if step["join"] == "any" else set(before) <= {"succeeded", "skipped"}
    if before and not is_free:
        return "pending"
    if step.get("when") == "false":
        return "skipped"
    return "failed" if step["action"] == "probe-decline" else "succeeded"


class Crew:
    """Workers that take turns in whatever order they are told."""

    def __init__(self, engine: Engine) -> None:
        self.workers = [engine, Engine(), Engine()]

    def work(self, turns: list[int]) -> None:
        """Let the workers take these turns, then work off whatever is left."""
        hands: dict[int, list[Any]] = {}
        for turn in turns:
            worker = self.workers[turn]
            group = hands.pop(turn, None) or first_claim(worker.bench)
            if group:
                hands[turn] = executions.perform(group, bench=worker.bench).group
        for turn, group in hands.items():
            rest = group
            while rest:
                rest = executions.perform(rest, bench=self.workers[turn].bench).group
        self.workers[0].drain()


@pytest.fixture
def crew(engine):
    """Three workers in one process."""
    crew = Crew(engine)
    yield crew
    for worker in crew.workers[1:]:
        worker.bench.read_secret.close()


def published(steps: Steps, *, on_failure: str, number: int, **rest: Any) -> Any:
    name = f"random-{number}"
    document = {"workflow": name, "steps": steps, "on_failure": on_failure} | rest
    definitions.create(document, by=TESTER)
    return definitions.publish(name, by=TESTER).version


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=graphs(),
    on_failure=st.sampled_from(["stop", "continue"]),
    turns=st.lists(st.integers(0, 2), max_size=20),
    places=st.sampled_from([None, 1, 2]),
)
def test_every_run_of_every_graph_ends_as_its_definition_says(
    crew, steps, on_failure, turns, places
):
    number = Run.objects.count()
    key = {"concurrency_key": {"key": "'all'", "limit": places}} if places else {}
    version = published(steps, on_failure=on_failure, number=number, **key)
    started = [runs.start(version=version, params={}, by=TESTER) for _ in range(3 if places else 1)]
    crew.work(turns)

    assert broken_promises() == []
    for run in Run.objects.filter(id__in=[one.id for one in started]):
        check_end(crew, run, steps=steps, on_failure=on_failure)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=graphs(), on_failure=st.sampled_from(["stop", "continue"]))
def test_a_run_whose_failed_steps_are_tried_again_ends_as_if_none_had_failed(
    crew, steps, on_failure
):
    Mark.objects.filter(name="open").delete()
    gated = {name: _gated(step) for name, step in steps.items()}
    version = published(gated, on_failure=on_failure, number=Run.objects.count())
    run = runs.start(version=version, params={}, by=TESTER)
    crew.work([0, 1, 2])
    Mark.objects.create(name="open", attempt=1, execution="")
    for _ in steps:
        for failed in Step.objects.filter(run=run, status="failed", is_optional=False)[:1]:
            runs.step_again(run_id=run.id, step=failed.name, by=TESTER)
            crew.work([2, 0, 1])

    run.refresh_from_db()
    assert (run.status, broken_promises()) == ("succeeded", [])
    for name, end in Stage(crew.workers[0]).steps(run).items():
        # An optional step may stay as it failed; those behind it have gone on without it.
        assert end in ("failed", expected(_healed(steps))[name])


def _gated(step: dict[str, Any]) -> dict[str, Any]:
    """The same, but what declines does so until the gate is open."""
    is_gated = step["action"] == "probe-decline"
    return step | {"action": "probe-when-open"} if is_gated else step


def _healed(steps: Steps) -> Steps:
    return {name: step | {"action": "probe-nothing"} for name, step in steps.items()}


def check_end(crew: Crew, run: Run, *, steps: Steps, on_failure: str) -> None:
    """Fail unless the run has ended as its definition says, and its log tells the same."""
    ends = Stage(crew.workers[0]).steps(run)
    assert run.has_ended
    assert Execution.objects.filter(run_id=run.id).count() == sum(
        end in ("succeeded", "failed") for end in ends.values()
    )
    assert folded(run) == {name: end for name, end in ends.items() if end != "pending"}
    if on_failure == "continue":
        assert ends == expected(steps)


def folded(run: Run) -> dict[str, str]:
    """How the steps stand, as the log alone tells it."""
    stands = {}
    for event in RunEvent.objects.of(run.id):
        if event.step:
            stands[event.step] = event.type.removeprefix("step_")
    return stands


@pytest.mark.parametrize("kind", ["all", "any"])
def test_a_join_of_two_that_end_at_once_fires_once(crew, kind):
    steps: Steps = {
        "left": {"action": "probe-nothing"},
        "right": {"action": "probe-nothing"},
        "join": {"action": "probe-nothing", "after": ["left", "right"], "join": kind},
    }
    version = published(steps, on_failure="stop", number=0)
    for _ in range(20):
        runs.start(version=version, params={}, by=TESTER)
    crew.work([0, 1, 2, 1, 0, 2] * 5)

    assert set(Run.objects.values_list("status", flat=True)) == {"succeeded"}
    assert Step.objects.filter(name="join", status="succeeded").count() == 20
    assert Execution.objects.count() == 60
    assert broken_promises() == []
