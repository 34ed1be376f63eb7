"""What a re-run costs does not grow by statements with the number of its steps."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.fixtures.engine import TESTER
from workflows import runs
from workflows.runs.reruns import RerunWish

ANY = {"type": "object"}


@pytest.fixture
def chain(stage, echo):
    """A run of so many steps, each of which hands its result on; the last one fails."""

    def made(count):
        name = f"chain-of-{count}"
        steps = {"s0": echo("${{ params.a }}")}
        for number in range(1, count):
            before = f"s{number - 1}"
            steps[f"s{number}"] = echo(f"${{{{ steps.{before}.result }}}}", before)
        steps["end"] = {"action": "probe-decline", "after": [f"s{count - 1}"]}
        return stage.start(steps, given={"a": 1}, params=ANY, workflow=name)

    return made


def statements(ask):
    with CaptureQueriesContext(connection) as asked:
        ask()
    return len(asked)


@pytest.mark.parametrize(
    "what",
    [
        pytest.param({"what": "whole"}, id="whole"),
        pytest.param({"what": "from_failed"}, id="from failed"),
        pytest.param({"what": "from_step", "step": "s3"}, id="from a step"),
        pytest.param({"what": "from_failed", "params": {"a": 1, "b": 2}}, id="with other params"),
    ],
)
def test_a_longer_run_costs_as_many_statements_to_preview_and_to_run_again(chain, what):
    def cost(count):
        wish = RerunWish(run=chain(count), reason="A test.", **what)
        runs.preview(wish)
        digest = runs.preview(wish).digest
        previewed = statements(lambda: runs.preview(wish))
        return previewed, statements(lambda: runs.rerun(wish, digest=digest, by=TESTER))

    assert cost(5) == cost(25)
