"""What lies in a sealed place of a run, an answer or an event is named to nobody."""

import pytest

from actions.errors import DefinitionInvalid, IdempotencyKeyReused, ParamsInvalid
from tests.fixtures.engine import TESTER
from workflows import runs
from workflows.models import RunEvent
from workflows.runs.reruns import RerunWish

CANARY = "canary-77c0"
MARKED = {"type": "object", "x-secret": True, "additionalProperties": {"type": "integer"}}
PARAMS = {"type": "object", "properties": {"creds": MARKED}}


@pytest.mark.parametrize("name", ["creds", "tokens"])
def test_a_mismatch_names_nothing_in_a_secret(stage, echo, name):
    stage.publish({"say": echo(1)}, params=PARAMS)
    runs.submit(workflow="under-test", params={name: {CANARY: 1}}, by=TESTER, key="k")

    with pytest.raises(IdempotencyKeyReused) as refused:
        runs.submit(workflow="under-test", params={name: {"q": 1, "r": 2}}, by=TESTER, key="k")

    assert [one.pointer for one in refused.value.errors] == [f"/{name}"]
    assert RunEvent.objects.get(type="mismatch_refused").data["fields"] == [f"/{name}"]


@pytest.mark.parametrize("name", ["creds", "tokens"])
def test_the_preview_of_a_rerun_names_nothing_in_a_secret(stage, echo, name):
    run = stage.start({"say": echo(1)}, given={name: {CANARY: 1}}, params=PARAMS)

    wish = RerunWish(run=run, what="whole", params={name: {"q": 1}}, reason="Why not")
    changes = runs.preview(wish).changes

    assert [one.pointer for one in changes] == [f"/{name}"]
    assert CANARY not in repr(changes)


def test_a_mask_that_is_left_over_in_a_secret_is_not_named(stage, echo):
    run = stage.start({"say": echo(1)}, given={"tokens": {"a": 1}})

    sent = {"tokens": {CANARY: "••••••"}}
    wish = RerunWish(run=run, what="whole", params=sent, reason="Why not")

    with pytest.raises(ParamsInvalid) as refused:
        runs.preview(wish)

    assert [one.pointer for one in refused.value.errors] == ["/params/tokens"]


def test_params_that_do_not_fit_are_refused_without_names_in_a_secret(stage, echo):
    stage.publish({"say": echo(1)}, params=PARAMS)

    with pytest.raises(ParamsInvalid) as refused:
        runs.submit(workflow="under-test", params={"creds": {CANARY: "a"}}, by=TESTER)

    assert CANARY not in refused.value.detail + str(refused.value.errors)


def test_an_answer_and_an_event_are_refused_without_names_in_a_secret(stage):
    ask = {"approval": {"message": "Well?", "form": PARAMS}}
    take = {"event": {"name": "paid", "payload": PARAMS}}
    run = stage.start({"ask": ask, "take": take})
    wrong = {"creds": {CANARY: "a"}}

    with pytest.raises(ParamsInvalid) as answer:
        runs.answer(run_id=run.id, step="ask", decision="approved", by=TESTER, answer=wrong)
    with pytest.raises(ParamsInvalid) as event:
        runs.send(run_id=run.id, name="paid", payload=wrong, by=TESTER)

    for refused in (answer.value, event.value):
        assert [one.pointer for one in refused.errors] == ["/creds"]
        assert CANARY not in refused.detail + str(refused.errors)


def test_a_workflow_whose_mark_would_hide_nothing_is_refused(stage, echo):
    params = {"type": "object", "not": {"properties": {"code": {"x-secret": True}}}}

    with pytest.raises(DefinitionInvalid, match="hides nothing of it") as refused:
        stage.publish({"say": echo(1)}, params=params)

    assert [one.pointer for one in refused.value.errors] == ["/params/not"]
