"""What was sealed in the params of a run stays sealed in its steps and in those that repeat it."""

import json

import pytest

from actions import vault
from actions.errors import ParamsInvalid
from actions.executions.wish import Repeats
from actions.masking import MASK
from actions.models import Execution
from tests.actions.vault.test_fields import stored
from tests.actions.vault.test_kept_seals import define
from tests.fixtures.engine import TESTER
from workflows import definitions, runs
from workflows.models import Run, Step
from workflows.runs.reruns import RerunWish

CANARY = "canary-91ab"
MARKED = {"type": "object", "properties": {"code": {"type": "string", "x-secret": True}}}
PLAIN = {"type": "object", "properties": {"code": {"type": "string"}}}
LOGIN = {"action": "probe-login", "params": {"user": "ann", "code": "${{ params.code }}"}}


def republish(stage, steps, **rest):
    document = {"workflow": "under-test", "steps": steps} | rest
    definitions.save_draft("under-test", document, by=TESTER, expected=1)
    return definitions.publish("under-test", by=TESTER).version


def written(run):
    """Everything that the rows of a run and of its executions say."""
    rows = [run.params, run.result, run.concurrency_key, run.error]
    steps = [[one.result, one.error, one.value, one.question] for one in Step.objects.of(run.id)]
    executions = [stored(one) for one in Execution.objects.filter(run_id=run.id)]
    return json.dumps([rows, steps, executions])


def rerun(run, version, **more):
    wish = RerunWish(run=run, what="whole", version=version, reason="Why not", **more)
    preview = runs.preview(wish)
    assert CANARY not in repr([entry.params for entry in preview.entries])
    return runs.rerun(wish, digest=preview.digest, by=TESTER)


def test_a_rerun_in_a_version_without_the_mark_keeps_it_sealed(stage, echo):
    old = stage.start({"login": LOGIN}, given={"code": CANARY}, params=MARKED)
    version = republish(stage, {"say": echo("code ${{ params.code }}")}, params=PLAIN)

    new = stage.go_on(rerun(old, version))

    assert new.status == "succeeded"
    assert new.params == {"code": MASK}
    assert CANARY not in written(new)
    said = Execution.objects.get(run_id=new.id)
    assert vault.params_of(said) == {"value": f"code {CANARY}"}


def test_a_rerun_with_edited_params_keeps_their_places_sealed(stage, echo):
    old = stage.start({"login": LOGIN}, given={"code": "another"}, params=MARKED)
    version = republish(stage, {"say": echo("${{ params.code }}")}, params=PLAIN)

    new = stage.go_on(rerun(old, version, params={"code": CANARY}))

    assert new.status == "succeeded"
    assert CANARY not in written(new)


@pytest.mark.parametrize(
    "rest",
    [
        {"concurrency_key": {"key": "params.code", "limit": 1}},
        {"steps": {"ask": {"approval": {"message": "Take ${{ params.code }}?"}}}},
        {"steps": {"all": {"map": {"over": "[params.code]", "action": "probe-decline"}}}},
    ],
)
def test_a_version_that_would_store_it_in_plain_is_refused(stage, echo, rest):
    old = stage.start({"login": LOGIN}, given={"code": CANARY}, params=MARKED)
    version = republish(stage, rest.pop("steps", {"say": echo("x")}), params=PLAIN, **rest)

    with pytest.raises(ParamsInvalid, match="as if it were no secret"):
        rerun(old, version)

    assert Run.objects.count() == 1


def test_a_new_run_under_the_key_of_a_failed_one_keeps_it_sealed(stage, echo):
    stage.publish({"login": LOGIN, "no": {"action": "probe-decline"}}, params=MARKED)

    def send():
        repeats = Repeats(on_failed="retry", allow_unknown_outcome=True)
        params, key = {"code": CANARY}, "k"
        return runs.submit(
            workflow="under-test", params=params, by=TESTER, key=key, repeats=repeats
        ).held

    assert stage.go_on(send()).status == "failed"
    republish(stage, {"say": echo("${{ params.code }}")}, params=PLAIN)

    new = stage.go_on(send())

    assert (new.status, new.params) == ("succeeded", {"code": MASK})
    assert CANARY not in written(new)


def test_an_action_that_marks_it_no_more_gets_it_sealed_from_a_run(stage, service):
    define(service, code={"type": "string", "x-secret": True})
    step = {"action": "send-code", "params": {"code": "${{ params.code }}"}}
    version = stage.publish({"send": step}, params=MARKED)
    define(service, code={"type": "string"})
    service.echo = f"got {CANARY}"

    run = stage.go_on(runs.start(version=version, params={"code": CANARY}, by=TESTER))

    assert run.status == "succeeded"
    assert CANARY not in written(run)
    assert CANARY.encode() in service.seen[-1][2]


LABELLED = {"name": "Authorization", "value": CANARY}
OPEN = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
    "required": ["name", "value"],
}


@pytest.mark.parametrize("of_run", [True, False])
def test_a_concurrency_key_that_is_hidden_is_stored_as_its_digest(stage, echo, of_run):
    key = {"concurrency_key": {"key": "'k-' + params.value", "limit": 1}}
    step = echo("x", idempotency_key="params.value", **({} if of_run else key))
    version = stage.publish({"say": step}, params=OPEN, **(key if of_run else {}))

    def go(value):
        run = runs.start(version=version, params=LABELLED | {"value": value}, by=TESTER)
        run = stage.go_on(run)
        assert (run.status, CANARY in written(run)) == ("succeeded", False)
        return run.concurrency_key or Execution.objects.get(run_id=run.id).limits[0]

    one, same, other = go(CANARY), go(CANARY), go("another")

    assert one == same != other
    assert "#" in one


def test_a_question_shows_the_mask_of_what_is_hidden(stage):
    ask = {"approval": {"message": "Take ${{ params.value }}?"}}

    run = stage.start({"ask": ask}, given=LABELLED, params=OPEN)

    assert Step.objects.get(run=run, name="ask").question == f"Take {MASK}?"


def test_a_map_goes_over_nothing_that_is_hidden(stage):
    over = {"map": {"over": "[params.value]", "action": "probe-decline"}}

    run = stage.start({"all": over}, given=LABELLED, params=OPEN)

    assert run.status == "failed"
    assert CANARY not in written(run)
    assert "something secret" in Step.objects.get(run=run, name="all").error["message"]


def test_the_key_of_an_element_is_a_digest_where_it_holds_what_is_hidden(stage):
    key = "params.value + '-' + string(index)"
    over = {"map": {"over": "['a', 'b']", "action": "probe-echo", "item_key": key}}
    over["map"]["params"] = {"value": "${{ item }}"}

    run = stage.start({"all": over}, given=LABELLED, params=OPEN)

    assert run.status == "succeeded"
    keys = {one.item_key for one in Step.objects.filter(run=run, element__isnull=False)}
    assert len(keys) == 2
    assert CANARY not in str(keys)
