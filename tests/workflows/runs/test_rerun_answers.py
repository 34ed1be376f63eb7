"""An answer of a person is taken over only where that person would be asked the same."""

import pytest

from tests.fixtures.engine import TESTER
from workflows import definitions, runs
from workflows.models import Run, Workflow
from workflows.runs.reruns import RerunWish

ANY = {"type": "object"}
FAILS = {"action": "probe-echo", "params": {"value": "${{ params.missing }}"}}
ASK = {"approval": {"message": "Pay?", "roles": ["operator"]}}
PAID = {"amount": 5}


def confirmed(wish):
    return runs.rerun(wish, digest=runs.preview(wish).digest, by=TESTER)


def verdict(wish, name):
    return str(next(one.verdict for one in runs.preview(wish).entries if one.step == name))


def answer_all(stage, run):
    """Approve what is asked in the run and in its sub-runs, and work off what follows."""
    for asked in Run.objects.filter(status="waiting"):
        for name in asked.steps.filter(status="waiting").values_list("name", flat=True):
            runs.answer(run_id=asked.id, step=name, decision="approved", by=TESTER)
    return stage.go_on(run)


def published(name, steps, **rest):
    """The active version of a workflow that is there, or will be."""
    document = {"workflow": name, "steps": steps, "params": ANY} | rest
    workflow = Workflow.objects.filter(name=name).first()
    if workflow is None:
        definitions.create(document, by=TESTER)
    else:
        expected = workflow.draft.number
        definitions.save_draft(name, document, by=TESTER, expected=expected)
    return definitions.publish(name, by=TESTER).version


@pytest.fixture
def approved(stage):
    """A run whose payment was approved, and failed then."""
    steps = {"ask": ASK, "pay": FAILS | {"after": ["ask"]}}
    return answer_all(stage, stage.start(steps, given=PAID, params=ANY))


def test_an_approval_is_taken_over_with_the_same_params(stage, approved):
    assert approved.status == "failed"
    new = stage.go_on(confirmed(RerunWish(run=approved, what="from_failed")))

    assert stage.steps(new)["ask"] == "reused"
    assert verdict(RerunWish(run=new, what="from_failed", params=PAID), "ask") == "reuse"


def test_people_are_asked_anew_where_the_params_are_others(stage, approved):
    wish = RerunWish(run=approved, what="from_failed", params={"amount": 5_000_000, "missing": 1})

    new = stage.go_on(confirmed(wish))

    assert (new.status, stage.steps(new)["ask"]) == ("waiting", "waiting")


@pytest.mark.parametrize(
    "change",
    [{"timeout": 60}, {"approval": ASK["approval"] | {"on_rejected": "continue"}}],
)
def test_people_are_asked_anew_where_the_step_is_another(approved, change):
    version = published("under-test", {"ask": ASK | change, "pay": FAILS | {"after": ["ask"]}})

    assert verdict(RerunWish(run=approved, what="from_failed", version=version), "ask") == "execute"


@pytest.fixture
def asking_below(stage):
    """A run that failed after people had answered in the sub-run of `sub` and of an element."""
    published("asking", {"ask": ASK})
    published("between", {"deep": {"workflow": "asking"}})
    steps = {
        "sub": {"workflow": "between"},
        "each": {"map": {"over": "[1]", "workflow": "asking"}},
        "pay": FAILS | {"after": ["sub", "each"]},
    }
    return answer_all(stage, stage.start(steps, given=PAID, params=ANY))


def test_answers_in_sub_runs_are_taken_over_where_nothing_has_changed(stage, asking_below):
    assert asking_below.status == "failed"
    published("asking", {"ask": ASK, "new": {"action": "probe-nothing"}})

    new = stage.go_on(confirmed(RerunWish(run=asking_below, what="from_failed")))

    assert (stage.steps(new)["sub"], stage.steps(new)["each"]) == ("reused", "reused")


@pytest.mark.parametrize("step", ["sub", "each"])
def test_people_are_asked_anew_in_sub_runs_whose_step_is_another(stage, asking_below, step):
    new = stage.go_on(confirmed(RerunWish(run=asking_below, what="from_failed")))
    published("asking", {"ask": ASK | {"timeout": 60}})

    for run in (asking_below, new):
        assert verdict(RerunWish(run=run, what="from_failed"), step) == "execute"


def test_an_element_is_not_taken_over_whose_people_would_be_asked_something_else(stage):
    published("asking", {"ask": ASK, "pay": FAILS | {"after": ["ask"], "when": "params.fails"}})
    params = {"fails": "${{ item }}"}
    steps = {"each": {"map": {"over": "[true, false]", "workflow": "asking", "params": params}}}
    run = answer_all(stage, stage.start(steps))
    wish = RerunWish(run=run, what="from_failed")
    assert [one.reused_count for one in runs.preview(wish).entries] == [1]

    published("asking", {"ask": ASK | {"timeout": 60}})

    assert [one.reused_count for one in runs.preview(wish).entries] == [0]
