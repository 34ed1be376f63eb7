"""Steps that share the places of a concurrency key."""

import pytest

from actions import executions
from actions.executions.perform import first_claim
from actions.executions.waiting import why_waiting
from actions.models import Execution, Worker
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER
from workflows import runs
from workflows.models import Run


def keyed(key, limit=1, action="probe-nothing", **rest):
    return {"action": action, "concurrency_key": {"key": key, "limit": limit}} | rest


@pytest.fixture
def in_hand(stage):
    """How many executions can be claimed at once, and give them back done."""

    def claimed():
        groups = []
        while group := first_claim(stage.engine.bench):
            groups.append(group)
        for group in groups:
            executions.perform(group, bench=stage.engine.bench, may_claim=False)
        return sum(len(group) for group in groups)

    return claimed


def test_steps_of_one_key_run_one_after_the_other_also_of_several_runs(stage, in_hand):
    version = stage.publish({"one": keyed("params.of"), "two": keyed("params.of")})
    for customer in ("a", "a", "b"):
        runs.start(version=version, params={"of": customer}, by=TESTER)

    assert [in_hand() for _ in range(5)] == [2, 2, 1, 1, 0]
    assert set(Run.objects.values_list("status", flat=True)) == {"succeeded"}
    assert broken_promises() == []


def test_a_key_may_name_the_results_of_earlier_steps(stage, echo):
    steps = {"first": echo("a"), "then": keyed("steps.first.result", after=["first"])}

    run = stage.start(steps)

    (execution,) = Execution.objects.filter(run_id=run.id, action_name="probe-nothing")
    assert execution.limits == ["concurrency:@under-test/1/a"]


def test_the_elements_of_a_map_share_the_places_of_its_key(stage, in_hand):
    step = {"over": "[1, 2, 3, 4, 5]", "action": "probe-nothing"}
    steps = {"each": {"map": step, "concurrency_key": {"key": '"all"', "limit": 2}}}
    version = stage.publish(steps)
    run = runs.start(version=version, params={}, by=TESTER)

    assert [in_hand() for _ in range(4)] == [2, 2, 1, 0]
    assert Run.objects.get(id=run.id).status == "succeeded"


def test_the_limits_of_the_action_hold_beside_those_of_the_step(stage, in_hand):
    step = keyed("params.of", 3, "probe-one-per-customer")
    steps = {
        f"s{number}": step | {"params": {"customer": customer}}
        for number, customer in enumerate("aabbcc")
    }
    version = stage.publish(steps)
    runs.start(version=version, params={"of": "x"}, by=TESTER)

    assert [in_hand() for _ in range(3)] == [3, 3, 0]
    assert broken_promises() == []


def test_who_is_refused_under_one_name_leaves_the_room_under_another_to_the_next(stage):
    first = keyed('"x"', 1, "probe-one-per-customer", params={"customer": "a"})
    second = keyed('"x"', 1, "probe-one-per-customer", params={"customer": "b"})
    third = keyed('"y"', 1, "probe-one-per-customer", params={"customer": "b"})
    version = stage.publish({"holder": third, "waits": second, "other": first})
    runs.start(version=version, params={}, by=TESTER)
    bench = stage.engine.bench

    holder = first_claim(bench)
    beside = first_claim(bench)
    assert len(holder) == len(beside) == 1
    executions.perform(holder, bench=bench, may_claim=False)
    assert first_claim(bench) == []
    executions.perform(beside, bench=bench, may_claim=False)

    assert len(first_claim(bench)) == 1


def test_why_a_step_waits_names_the_key_and_who_holds_it(stage):
    version = stage.publish({"one": keyed('"x"'), "two": keyed('"x"')})
    runs.start(version=version, params={}, by=TESTER)
    (held,) = first_claim(stage.engine.bench)
    assert first_claim(stage.engine.bench) == []
    Worker.objects.update(actions=["probe-nothing"])

    (waiting,) = Execution.objects.filter(status="queued")

    assert why_waiting(waiting).sentence == (
        "A step of under-test with the concurrency key x runs 1 at a time, held by "
        f"{held.shown_id}; it is next."
    )


def test_a_key_that_is_no_text_fails_the_step(stage):
    given = {"list": [1]}
    run = stage.start({"one": keyed("params.list")}, given=given, params={"type": "object"})

    assert run.error["code"] == "expression_failed"
    assert "gives no text of 1 to 255 characters" in run.error["message"]


def test_the_idempotency_keys_of_elements_may_name_the_element(stage):
    step = {"over": "['a', 'b']", "action": "probe-nothing"}
    run = stage.start({"each": {"map": step, "idempotency_key": "'k-' + item"}})

    assert run.status == "succeeded"
    keys = Execution.objects.filter(run_id=run.id).values_list("downstream_key", flat=True)
    assert set(keys) == {"k-a", "k-b"}
