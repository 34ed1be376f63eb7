"""When two requests are the same, and which bodies are refused before anything is stored."""

import json

import pytest
from django.conf import settings

from actions.executions.perform import first_claim, perform
from actions.models import Action, ActionVersion, Execution, ExecutionEvent
from tests.actions.api.conftest import assert_refused, stored
from tests.probe.models import Mark

PATH = "/actions/probe-echo/executions?wait=0"
KEY = {"Idempotency-Key": "k-1"}


def post(api, value: str):
    """Send the echo that JSON text, under one key."""
    return api.post(PATH, f'{{"params": {{"value": {value}}}}}', headers=KEY)


@pytest.mark.parametrize("status", ["queued", "running", "succeeded"])
def test_other_params_are_refused_however_far_the_first_has_come(api, engine, status):
    first = api.execute("probe-mark", key="k-1", params={"name": "one"}).json()
    if status != "queued":
        group = first_claim(engine.bench)
    if status == "succeeded":
        perform(group, bench=engine.bench)
    assert api.get(f"/executions/{first['id']}").json()["status"] == status

    answer = api.execute("probe-mark", key="k-1", params={"name": "two"})

    assert_refused(answer, 422, "idempotency-key-reused", advice="use a new key")
    assert Execution.objects.count() == 1


def test_other_params_are_refused_while_the_first_is_under_way(quick_api):
    post(quick_api, '{"a": {"b": 1}}')

    answer = post(quick_api, '{"a": {"b": 2}}')

    assert_refused(answer, 422, "idempotency-key-reused", advice="use a new key")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/params/value/a/b"]
    assert Execution.objects.count() == 1


def test_other_params_are_refused_after_a_failure_that_may_be_retried(api, engine):
    api.execute("probe-flaky", key="k-1", params={"name": "one", "fail_times": 9})
    engine.drain()

    answer = api.execute(
        "probe-flaky", key="k-1", params={"name": "two", "fail_times": 9}, on_failed="retry"
    )

    assert_refused(answer, 422, "idempotency-key-reused", advice="use a new key")
    assert Execution.objects.count() == 1


def test_a_refused_mismatch_is_in_the_record(quick_api):
    first = post(quick_api, "1")
    refused = post(quick_api, "2")

    event = ExecutionEvent.objects.filter(type="mismatch_refused").get()

    assert first.json()["id"] == event.execution.shown_id
    assert event.request_id == refused.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}'),
        ('{"a":1}', '{ "a" :\n\t1 }'),
        ('"\\u00e9\\/"', '"é/"'),
        ("1.0", "1"),
        ("-0.0", "0"),
        ("1e2", "100"),
    ],
)
def test_how_a_value_is_written_does_not_matter(quick_api, first, again):
    one, other = post(quick_api, first), post(quick_api, again)

    assert other.status_code == 202
    assert one.json()["id"] == other.json()["id"]


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("9007199254740992", "9007199254740993"),
        ("true", "1"),
        ('"1"', "1"),
        ("[1, 2]", "[2, 1]"),
        ("{}", "[]"),
        ('"\\u00e9"', '"e\\u0301"'),
    ],
)
def test_values_that_differ_are_told_apart(quick_api, first, again):
    post(quick_api, first)

    assert post(quick_api, again).json()["code"] == "idempotency-key-reused"


def test_null_is_not_the_same_as_absent(quick_api):
    quick_api.post(PATH, '{"params": {"value": null}}', headers=KEY)

    answer = quick_api.post(PATH, '{"params": {}}', headers=KEY)

    assert answer.json()["code"] == "idempotency-key-reused"


@pytest.mark.parametrize(
    ("body", "advice"),
    [
        ('{"params": {"a": 1, "a": 2}}', "keep one of them"),
        ('{"params": {"value": NaN}}', "use null or text"),
        ('{"params": {"value": 1e400}}', "use null or text"),
        ('{"params": {"value": "\\u0000"}}', "drop it"),
        ('{"params": {"value": "\\ud800"}}', "mend or drop it"),
        ('{"params": {"value": ' + "[" * 65 + "]" * 65 + "}}", "flatten it"),
        ('{"params": {"value": ' + "[" * 100_000 + "]" * 100_000 + "}}", "flatten it"),
        ('{"params": {"value": ' + "9" * 5000 + "}}", "send it as text"),
        ('{"params": {"value": }}', "a value is expected here"),
        ('{"params": {"value": 1}', "expected here"),
        ("{'params': {}}", "double quotes"),
        ("", "send a JSON object"),
        ("\ufeff{}", "without one"),
    ],
)
def test_what_is_not_acceptable_json_is_refused(quick_api, body, advice):
    answer = quick_api.post(PATH, body.encode(), headers=KEY)

    assert_refused(answer, 400, "malformed-json", advice=advice)
    assert stored() == (0, 0, 0)


def test_bytes_that_are_no_text_are_refused(quick_api):
    answer = quick_api.post(PATH, b'{"params": {"value": "\xff"}}', headers=KEY)

    assert_refused(answer, 400, "malformed-json", advice="encode it as UTF-8")
    assert stored() == (0, 0, 0)


def test_a_body_of_exactly_the_limit_is_fine(quick_api):
    answer = quick_api.post(PATH, body_of_size(settings.ACTIONSITE_MAX_BODY_BYTES))

    assert answer.status_code == 202


def test_a_body_one_byte_over_the_limit_is_refused(quick_api):
    answer = quick_api.post(PATH, body_of_size(settings.ACTIONSITE_MAX_BODY_BYTES + 1))

    assert_refused(answer, 413, "payload-too-large", advice="send less")
    assert stored() == (0, 0, 0)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"parms": {}}, "/parms"),
        ({"params": []}, "/params"),
        ({"params": None}, "/params"),
        ({"on_conflict": "wait"}, "/on_conflict"),
        ({"on_failed": True}, "/on_failed"),
        ({"allow_unknown_outcome": "yes"}, "/allow_unknown_outcome"),
        ({"idempotency_key": 12}, "/idempotency_key"),
        ({"idempotency_key": None}, "/idempotency_key"),
        ({"metadata": "notes"}, "/metadata"),
        ([], ""),
        ("text", ""),
    ],
)
def test_a_body_of_another_form_is_refused(quick_api, body, pointer):
    answer = quick_api.post(PATH, json.dumps(body), headers=KEY)

    assert_refused(answer, 400, "malformed-request", advice="/api/schema/ describes what fits")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert stored() == (0, 0, 0)


def test_params_that_break_the_schema_are_refused(quick_api):
    params = {"name": 1, "fail_times": "two", "more": True}

    answer = quick_api.execute("probe-flaky", key="k-1", params=params)

    assert_refused(answer, 422, "params-invalid", advice="do not fit the action probe-flaky")
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert pointers == {"/params/name", "/params/fail_times", "/params/more"}
    assert stored() == (0, 0, 0)


def test_a_request_that_was_refused_and_corrected_executes_under_its_key(api, engine):
    api.execute("probe-mark", key="k-1", params={"nam": "one"})

    answer = api.execute("probe-mark", key="k-1", params={"name": "one"})
    engine.drain()

    assert answer.status_code == 202
    assert Mark.objects.count() == 1


def test_a_default_added_to_the_schema_between_two_calls_replays(api, engine):
    first = api.execute("probe-echo", key="k-1", params={})
    engine.drain()
    version = ActionVersion.objects.get(action__name="probe-echo")
    version.params_schema["properties"]["added"] = {"type": "integer", "default": 3}
    version.save(update_fields=["params_schema"])

    again = api.execute("probe-echo", key="k-1", params={})

    assert again.json()["id"] == first.json()["id"]


def test_a_new_version_of_the_action_replays_the_old_result(api, engine):
    first = api.execute("probe-echo", key="k-1", params={"value": 1})
    engine.drain()
    action = Action.objects.get(name="probe-echo")
    old = action.current
    old.pk, old.number, old.params_schema = None, 2, {"type": "object", "required": ["x"]}
    old.save(force_insert=True)
    action.current = old
    action.save(update_fields=["current"])

    again = api.execute("probe-echo", key="k-1", params={"value": 1})

    assert again.json()["id"] == first.json()["id"]
    assert again.json()["version"] == 1
    assert again.json()["result"] == 1


def body_of_size(size: int) -> bytes:
    frame = b'{"params": {"value": ""}}'
    return frame.replace(b'""', b'"' + b"x" * (size - len(frame)) + b'"')
