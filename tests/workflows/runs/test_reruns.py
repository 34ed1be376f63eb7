"""Run again: what is reused, what is executed, and that the preview says so beforehand."""

from dataclasses import replace

import pytest

from actions.errors import ParamsInvalid
from actions.models import Execution
from tests.fixtures.engine import TESTER
from tests.probe.models import Mark
from workflows import runs
from workflows.errors import RunGoesOn, SituationChanged
from workflows.models import Run, Step
from workflows.runs.reruns import RerunWish

ANY = {"type": "object"}


def mark(name, *after, **rest):
    return {"action": "probe-mark", "params": {"name": name}, "after": list(after)} | rest


@pytest.fixture
def failed(stage, echo):
    """A run of which the second of three steps has failed."""
    return stage.start(
        {
            "first": mark("one"),
            "second": echo("${{ params.name }}", "first", when="params.n > 0"),
            "third": echo("${{ steps.first.result.name }}", "second"),
        },
        given={"n": 1},
        params=ANY,
        result="${{ steps.third.result }}",
    )


def confirmed(wish):
    return runs.rerun(wish, digest=runs.preview(wish).digest, by=TESTER)


def verdicts(preview):
    return {entry.step: str(entry.verdict) for entry in preview.entries}


def test_from_failed_reuses_what_has_succeeded_and_executes_the_rest(stage, failed):
    wish = RerunWish(run=failed, what="from_failed", params={"n": 1, "name": "Ada"})
    assert verdicts(runs.preview(wish)) == {
        "first": "reuse",
        "second": "execute",
        "third": "execute",
    }

    new = stage.go_on(confirmed(wish))

    assert (new.status, new.result) == ("succeeded", "one")
    assert stage.steps(new) == {"first": "reused", "second": "succeeded", "third": "succeeded"}
    assert Mark.objects.count() == 1


def test_a_reused_step_is_linked_to_the_execution_whose_result_it_has(stage, failed):
    new = confirmed(RerunWish(run=failed, what="from_failed"))

    source = Execution.objects.get(run_id=failed.id, action_name="probe-mark")
    assert Step.objects.get(run=new, name="first").reused_from == source.id
    assert new.rerun_of_id == failed.id


def test_whole_executes_everything_and_from_a_step_that_one_and_what_is_behind_it(stage, failed):
    whole = runs.preview(RerunWish(run=failed, what="whole"))
    assert set(verdicts(whole).values()) == {"execute"}

    first = runs.preview(RerunWish(run=failed, what="from_step", step="first"))
    assert set(verdicts(first).values()) == {"execute"}


def test_a_confirmation_of_something_else_is_refused(stage, failed):
    wish = RerunWish(run=failed, what="from_failed")

    with pytest.raises(SituationChanged):
        runs.rerun(replace(wish, what="whole"), digest=runs.preview(wish).digest, by=TESTER)

    assert Run.objects.count() == 1


def test_a_run_that_goes_on_is_not_repeated(stage):
    run = stage.start({"pause": {"wait": {"for": 60}}})

    with pytest.raises(RunGoesOn):
        runs.preview(RerunWish(run=run, what="whole"))


def test_what_would_happen_outside_again_needs_a_reason(stage):
    run = stage.start({"only": {"action": "probe-decline"}})
    wish = RerunWish(run=run, what="whole")
    assert runs.preview(wish).needs_reason

    with pytest.raises(ParamsInvalid, match="say why"):
        confirmed(wish)

    assert confirmed(replace(wish, reason="The limit was raised.")).rerun_of_id == run.id


def test_a_failed_step_is_tried_again_in_the_same_run_with_a_new_execution(stage, echo):
    run = stage.start({"only": {"action": "probe-decline"}, "after": echo(1, "only")})
    before = Step.objects.get(run=run, name="only")

    runs.step_again(run_id=run.id, step="only", by=TESTER)

    after = Step.objects.get(run=run, name="only")
    assert (after.generation, after.status) == (2, "queued")
    assert after.execution_id != before.execution_id
    assert stage.go_on(run).status == "failed"


def test_a_step_that_has_not_failed_is_not_tried_again(stage, failed):
    with pytest.raises(ParamsInvalid, match="first is succeeded"):
        runs.step_again(run_id=failed.id, step="first", by=TESTER)


def test_only_the_elements_of_a_map_that_failed_are_executed_again(stage):
    step = {
        "map": {
            "over": "params.list",
            "action": "probe-mark",
            "params": {"name": "${{ item }}"},
        }
    }
    run = stage.start({"all": step}, given={"list": ["a", 5, "b"]}, params=ANY)
    assert stage.steps(run) == {
        "all[0]": "succeeded",
        "all[1]": "failed",
        "all[2]": "succeeded",
        "all": "failed",
    }

    new = confirmed(
        RerunWish(run=run, what="from_failed", params={"list": ["a", "five", "b"]}, reason="Typo")
    )

    assert stage.go_on(new).status == "succeeded"
    assert stage.steps(new)["all[0]"] == "reused"
    assert stage.steps(new)["all[1]"] == "succeeded"
    assert sorted(Mark.objects.values_list("name", flat=True)) == ["a", "b", "five"]


def test_a_map_whose_elements_failed_is_tried_again_in_the_same_run(stage):
    step = {"map": {"over": "[1, 2]", "action": "probe-decline"}}
    run = stage.start({"all": step})

    runs.step_again(run_id=run.id, step="all", by=TESTER)

    assert stage.go_on(run).status == "failed"
    assert len(stage.executions(run)) == 4
