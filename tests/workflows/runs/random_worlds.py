"""Random workflows, in a world of gates on which it depends how their steps end."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from actions.models import Execution
from tests.fixtures.engine import TESTER
from tests.workflows.runs.conftest import Stage
from workflows import definitions
from workflows.models import Run, Step, WorkflowVersion
from workflows.runs.reruns import RerunWish

Steps = dict[str, dict[str, Any]]
GATES = ("one", "two")
PARAMS = {
    "type": "object",
    "properties": {
        "at": {"type": "string"},
        "go": {"type": "boolean"},
        "gates": {"type": "array", "items": {"type": "string"}, "default": ["one"]},
        "size": {"type": "number", "default": 2},
    },
}


def deliver(gate: str) -> dict[str, Any]:
    """Succeeds while the gate is open."""
    return {"action": "probe-deliver", "params": {"gate": "${{ params.at }}/" + gate}}


SIZED = {"value": "${{ [item, params.size] }}"}
INNER = {
    "workflow": "inner",
    "params": {"type": "object", "properties": {"size": {"type": "number"}}},
    "steps": {"before": {"action": "probe-nothing"}, "out": deliver("${{ params.gate }}")},
}
INNER["steps"]["out"]["after"] = ["before"]
INTO = {"at": "${{ params.at }}", "gate": "one"}
_KINDS = st.sampled_from(
    [
        {"action": "probe-nothing"},
        {"action": "probe-echo", "params": {"value": "${{ [params.gates, params.size] }}"}},
        {"action": "probe-decline"},
        deliver("one"),
        deliver("two"),
        {"map": {"over": "params.gates", **deliver("${{ item }}")}},
        {"map": {"over": "params.gates", "action": "probe-echo", "params": SIZED}},
        {"workflow": "inner", "params": INTO},
        {
            "map": {
                "over": "params.gates",
                "workflow": "inner",
                "params": INTO | {"gate": "${{ item }}"},
            }
        },
    ]
)
_WHEN = st.sampled_from([{}, {}, {}, {"when": "params.go"}, {"when": "!params.go"}])
_UNDONE = st.sampled_from([{}, {}, {}, {"compensate": {"action": "probe-nothing"}}])


@st.composite
def graphs(draw: st.DrawFn) -> Steps:
    """Steps that wait for some of those before them."""
    steps: Steps = {}
    for number in range(draw(st.integers(1, 7))):
        before = draw(st.lists(st.sampled_from(sorted(steps)), unique=True)) if steps else []
        rest = {"optional": draw(st.booleans()), "join": draw(st.sampled_from(["all", "any"]))}
        step = draw(_KINDS) | draw(_WHEN) | {"after": before} | rest
        steps[f"s{number}"] = step | (draw(_UNDONE) if "action" in step else {})
    return steps


open_gates = st.sets(st.sampled_from(GATES))
wishes = st.tuples(
    st.sampled_from(["from_failed", "from_failed", "from_step", "whole"]), st.integers(0, 6)
)
edits = st.sampled_from(
    [None, None, {}, {"gates": ["one", "two", "two"]}, {"go": True}, {"size": 5}, {"size": 7}]
)


class World:
    """The gates on which outcomes depend, and workflows in them."""

    def __init__(self, stage: Stage, place: Path) -> None:
        self.stage, self.place = stage, place
        definitions.create(INNER, by=TESTER)
        definitions.publish("inner", by=TESTER)

    def open(self, gates: set[str]) -> None:
        """Open these gates and close the others."""
        for gate in GATES:
            path = self.place / gate
            path.touch() if gate in gates else path.unlink(missing_ok=True)

    def given(self, rest: Mapping[str, Any]) -> dict[str, Any]:
        """Params of a run in this world."""
        return {"at": str(self.place), "go": False} | rest

    def publish(self, steps: Steps, *, name: str, on_failure: str) -> WorkflowVersion:
        """The active version with these steps."""
        document = {"workflow": name, "steps": steps, "params": PARAMS, "on_failure": on_failure}
        if Run.objects.filter(workflow_name=name).exists():
            definitions.save_draft(name, document, by=TESTER, expected=1)
        else:
            definitions.create(document, by=TESTER)
        return definitions.publish(name, by=TESTER).version

    def wish(self, run: Run, wanted: tuple[Any, int], *, params: Any = None) -> RerunWish:
        """A re-run of it; the number chooses a step."""
        names = sorted(step.name for step in Step.objects.of(run.id) if step.name[0] != "@")
        step = names[wanted[1] % len(names)] if wanted[0] == "from_step" else None
        sent = None if params is None else self.given(params)
        return RerunWish(run=run, what=wanted[0], step=step, params=sent, reason="A test.")


def called_outside(run: Run) -> set[str]:
    """The steps of a run in which something external was called, in sub-runs too."""
    found = set()
    for one in Execution.objects.filter(run_id=run.id, version__effect="external"):
        found.add(Step.objects.get(id=one.step_id).name)
    for child in Run.objects.filter(parent=run):
        if called_outside(child):
            found.add(Step.objects.get(id=child.parent_step_id).name)
    return found
