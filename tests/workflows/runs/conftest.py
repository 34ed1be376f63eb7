"""Workflows that tests write, and runs of them on the engine of the test's own process."""

from collections.abc import Callable
from typing import Any

import pytest

from actions.models import Execution
from tests.fixtures.engine import TESTER, Engine
from tests.fixtures.waiting import wait_until
from workflows import definitions, runs
from workflows.models import Run, Step, WorkflowVersion


class Stage:
    """Publishes documents and runs them to their end."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def publish(self, steps: dict[str, Any], **rest: Any) -> WorkflowVersion:
        """The active version of a workflow with these steps."""
        document = {"workflow": "under-test", "steps": steps} | rest
        definitions.create(document, by=TESTER)
        return definitions.publish(document["workflow"], by=TESTER).version

    def start(self, steps: dict[str, Any], /, *, given: Any = None, **rest: Any) -> Run:
        """Publish, start, and work off what is due."""
        run = runs.start(version=self.publish(steps, **rest), params=given or {}, by=TESTER)
        return self.go_on(run)

    def go_on(self, run: Run) -> Run:
        """Work off what is due now, and read the run."""
        self.engine.drain()
        return Run.objects.get(id=run.id)

    def until(self, run: Run, status: str) -> Run:
        """Work off until the run stands so."""

        def stands() -> bool:
            return self.go_on(run).status == status

        wait_until(stands, what=f"the run to be {status}")
        return Run.objects.get(id=run.id)

    def steps(self, run: Run) -> dict[str, str]:
        """How the steps and the elements stand, by name."""
        rows = Step.objects.filter(run=run).order_by("position", "element")
        return {str(step): str(step.status) for step in rows}

    def executions(self, run: Run) -> list[str]:
        """The actions that were executed, in the order in which they were asked for."""
        found = Execution.objects.filter(run_id=run.id).order_by("id")
        return [one.action_name for one in found]


@pytest.fixture
def stage(engine: Engine) -> Stage:
    """Workflows and runs on the test's engine."""
    return Stage(engine)


@pytest.fixture
def echo() -> Callable[..., dict[str, Any]]:
    """A step that returns a value."""

    def step(value: Any, *after: str, **rest: Any) -> dict[str, Any]:
        return {"action": "probe-echo", "params": {"value": value}, "after": list(after)} | rest

    return step
