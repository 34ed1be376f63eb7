"""What lies in a sealed place is named to nobody: in no refusal, in no log, in no error."""

import pytest

from actions import definitions, executions, masking, schema
from actions.errors import IdempotencyKeyReused, ParamsInvalid
from actions.models import ExecutionEvent
from tests.fixtures.engine import TESTER

CANARY = "canary-77c0"
MARKED = {"type": "object", "x-secret": True, "additionalProperties": {"type": "integer"}}
PLAIN = {"type": "object"}


def define(service, creds, **more):
    document = {
        "kind": "http",
        "method": "POST",
        "url": f"http://127.0.0.1:{service.port}/",
        "params": {"type": "object", "properties": {"creds": creds}},
        "returns": "${{ response.body }}",
        "retry": {"max_attempts": 1},
        **more,
    }
    definitions.define("send-creds", document, by=TESTER)


def assert_mismatch_tells_only(place, *, first, again):
    accepted = executions.submit(action="send-creds", params=first, by=TESTER, key="k")
    with pytest.raises(IdempotencyKeyReused) as refused:
        executions.submit(action="send-creds", params=again, by=TESTER, key="k")

    assert [one.pointer for one in refused.value.errors] == [place]
    event = ExecutionEvent.objects.get(type="mismatch_refused")
    assert event.execution_id == accepted.execution.id
    assert event.data["fields"] == [place]


def test_a_mismatch_names_nothing_in_a_marked_param(engine, service):
    define(service, MARKED)

    assert_mismatch_tells_only(
        "/creds", first={"creds": {CANARY: 1}}, again={"creds": {"q": 1, "r": 2}}
    )


@pytest.mark.parametrize("name", ["tokens", "cards"])
def test_a_mismatch_names_nothing_in_a_param_with_a_secret_name(engine, service, name):
    define(service, MARKED)

    assert_mismatch_tells_only(
        f"/a/0/{name}", first={"a": [{name: {CANARY: 1}}]}, again={"a": [{name: {"q": 1}}]}
    )


@pytest.mark.parametrize("versions", [(MARKED, PLAIN), (PLAIN, MARKED)])
def test_a_mismatch_names_nothing_that_either_version_marks(engine, service, versions):
    then, now = versions
    define(service, then)
    executions.submit(action="send-creds", params={"creds": {CANARY: 1}}, by=TESTER, key="k")
    define(service, now)

    with pytest.raises(IdempotencyKeyReused) as refused:
        executions.submit(action="send-creds", params={"creds": {"q": 1}}, by=TESTER, key="k")

    assert [one.pointer for one in refused.value.errors] == ["/creds"]


def test_params_that_do_not_fit_are_refused_without_names_in_a_secret(engine, service):
    define(service, MARKED)

    with pytest.raises(ParamsInvalid) as refused:
        executions.submit(action="send-creds", params={"creds": {CANARY: "a"}}, by=TESTER)

    assert [one.pointer for one in refused.value.errors] == ["/creds"]
    assert CANARY not in refused.value.detail + str(refused.value.errors)


def test_a_rerun_keeps_silent_about_what_was_sealed_once(engine, service):
    define(service, MARKED)
    first = engine.run("send-creds", creds={"a": 1})
    inner = {"type": "object", "additionalProperties": {"type": "integer"}}
    define(service, inner)

    with pytest.raises(ParamsInvalid) as refused:
        executions.rerun(execution_id=first.id, by=TESTER, params={"creds": {CANARY: "a"}})

    assert [one.pointer for one in refused.value.errors] == ["/creds"]


def test_a_result_that_does_not_fit_is_said_without_names_in_a_secret(engine, service):
    result = {"type": "object", "properties": {"creds": MARKED}}
    define(service, PLAIN, result=result, returns={"creds": {CANARY: "text"}})

    execution = engine.run("send-creds")

    assert execution.error_code == "result_invalid"
    assert execution.error["message"].startswith("At /creds: ")
    assert CANARY not in str(execution.error)


def test_a_result_that_is_no_json_is_said_without_names_in_a_secret():
    with pytest.raises(schema.ResultInvalid) as wrong:
        schema.encoder(lambda ctx: None)({"creds": {CANARY: float("nan")}})

    marked = {"properties": {"creds": MARKED}}
    told = masking.told_problem(wrong.value.problem, value=wrong.value.value, schema=marked)

    assert wrong.value.problem.pointer == f"/creds/{CANARY}"
    assert told.pointer == "/creds"
