"""What else is refused: addresses, methods, media types and parameters, each with advice."""

import pytest
from django.test import override_settings

from actions import access
from actions.api import cursors, throttling
from actions.api.rates import Rates
from tests.actions.api.conftest import assert_refused, stored

PATH = "/actions/probe-nothing/executions"
NOBODY = "exec_00000000000000000000000000"


@pytest.mark.parametrize("name", ["missing", "x" * 200, "Probe-Nothing", "%00", "a%20b", "%F0%9F"])
@pytest.mark.parametrize("suffix", ["", "/executions"])
def test_an_action_that_is_not_there_is_refused(quick_api, name, suffix):
    path = f"/actions/{name}{suffix}"

    answer = quick_api.post(path) if suffix else quick_api.get(path)

    assert_refused(answer, 404, "action-not-found", advice="the catalogue at /api/v1/actions")
    assert stored() == (0, 0, 0)


@pytest.mark.parametrize(
    "identity",
    [NOBODY, NOBODY.upper(), "run_1", "1", "exec_", "exec_8" + "z" * 25, "%00", "x" * 999],
)
def test_an_execution_that_is_not_there_is_refused(quick_api, identity):
    answer = quick_api.get(f"/executions/{identity}")

    assert (answer.status_code, answer.json()["code"]) == (404, "execution-not-found")


@pytest.mark.parametrize("path", ["/", "/nothing", "/actions/", "/executions/a/b/c"])
def test_an_address_that_is_not_there_is_refused(quick_api, path):
    answer = quick_api.get(path)

    assert_refused(answer, 404, "not-found", advice="/api/docs/")


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "get"])
def test_a_method_that_an_address_does_not_take_is_refused(quick_api, method):
    answer = getattr(quick_api.client, method)(f"/api/v1{PATH}", headers=quick_api.headers)

    assert_refused(answer, 405, "method-not-allowed", advice="takes POST")
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "x"],
)
def test_a_body_that_is_not_said_to_be_json_is_refused(quick_api, content_type):
    answer = quick_api.post(PATH, b'{"params": {}}', content_type=content_type)

    assert_refused(answer, 415, "unsupported-media-type", advice="Content-Type: application/json")
    assert stored() == (0, 0, 0)


@pytest.mark.parametrize("content_type", ["application/json; charset=UTF-8", "Application/JSON"])
def test_a_body_that_is_said_to_be_json_is_read(quick_api, content_type):
    answer = quick_api.post(f"{PATH}?wait=0", b'{"params": {}}', content_type=content_type)

    assert answer.status_code == 202


@pytest.mark.parametrize("encoding", ["gzip", "br, gzip", "x"])
def test_a_body_that_is_compressed_is_refused(quick_api, encoding):
    answer = quick_api.post(PATH, b'{"params": {}}', headers={"Content-Encoding": encoding})

    assert_refused(answer, 415, "unsupported-media-type", advice="without the header")
    assert stored() == (0, 0, 0)


def test_a_body_that_is_said_to_be_as_it_is_is_read(quick_api):
    headers = {"Content-Encoding": "identity"}

    assert quick_api.post(f"{PATH}?wait=0", headers=headers).status_code == 202


def test_a_form_is_refused_whatever_is_in_it(quick_api):
    answer = quick_api.client.post(f"/api/v1{PATH}", {"params": "{}"}, headers=quick_api.headers)

    assert_refused(answer, 415, "unsupported-media-type", advice="Content-Type: application/json")


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("*/*", 200),
        ("application/json", 200),
        ("text/html, application/*;q=0.5", 200),
        ("application/problem+json", 200),
        ("text/html", 406),
        ("application/json;q=0.001", 200),
        ("application/json; q=0", 406),
        ("*/*;q=0.000", 406),
        ("application/json;q=0, text/event-stream", 406),
    ],
)
def test_whoever_takes_json_is_answered(quick_api, accept, status):
    answer = quick_api.get("/actions", headers={"Accept": accept})

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/executions?stauts=failed", "/stauts"),
        ("/executions?page=2", "/page"),
        ("/executions?params=2", "/params"),
        ("/executions?params.=2", "/params."),
        ("/actions?q=x", "/q"),
        ("/actions/probe-nothing?wait=1", "/wait"),
        (f"/executions/{NOBODY}?limit=1", "/limit"),
        (f"/executions/{NOBODY}/events?wait=1", "/wait"),
    ],
)
def test_a_parameter_that_a_call_does_not_have_is_refused(quick_api, path, parameter):
    answer = quick_api.get(path)

    assert_refused(answer, 400, "malformed-request", advice="This call has no query parameter")
    assert [error["pointer"] for error in answer.json()["errors"]] == [parameter]


@pytest.mark.parametrize(
    ("query", "advice"),
    [
        ("limit=0", "give a whole number from 1 to 200"),
        ("limit=201", "give a whole number from 1 to 200"),
        ("limit=ten", "give a whole number from 1 to 200"),
        ("limit=%D9%A3", "give a whole number from 1 to 200"),
        ("cursor=nonsense", "leave it out to begin anew"),
        ("cursor=" + "A" * 300, "leave it out to begin anew"),
        ("status=lost", "cannot be filtered"),
        ("since=yesterday", "cannot be filtered"),
        ("rerun_of=1", "cannot be filtered"),
        ("action=%00", "drop it"),
    ],
)
def test_a_parameter_without_a_good_value_is_refused(quick_api, query, advice):
    answer = quick_api.get(f"/executions?{query}")

    assert_refused(answer, 400, "malformed-request", advice=advice)


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/executions?limit=1&limit=2", "/limit"),
        ("/executions?key=a&key=b", "/key"),
        ("/executions?q=&q=", "/q"),
        ("/actions?cursor=a&cursor=a", "/cursor"),
        (f"/executions/{NOBODY}?wait=0&wait=9", "/wait"),
        ("/idempotency-keys?name=a&key=b&key=c", "/key"),
    ],
)
def test_a_parameter_that_came_twice_is_refused_by_its_name(quick_api, path, parameter):
    answer = quick_api.get(path)

    assert_refused(answer, 400, "malformed-request", advice="send it once")
    assert [error["pointer"] for error in answer.json()["errors"]] == [parameter]


@pytest.mark.parametrize(
    "query", ["status=failed&status=queued", "action=a&action=b", "params.a=1&params.a=2"]
)
def test_a_filter_that_is_a_list_may_be_repeated(quick_api, query):
    assert quick_api.get(f"/executions?{query}").status_code == 200


@pytest.mark.parametrize("wait", ["-1", "soon", "1.5", "", "99999999999"])
def test_a_wait_that_is_no_number_of_seconds_is_refused(quick_api, wait):
    answer = quick_api.post(f"{PATH}?wait={wait}")

    assert_refused(answer, 400, "malformed-request", advice="give whole seconds")
    assert stored() == (0, 0, 0)


def test_who_is_not_known_is_refused_before_anything_is_read(quick_api):
    quick_api.headers = {}

    answer = quick_api.post(PATH, b"not json", headers={"Idempotency-Key": ""})

    assert answer.status_code == 401


def test_a_caller_who_sends_too_much_is_refused(quick_api, monkeypatch):
    monkeypatch.setattr(throttling, "_RATES", Rates())

    with override_settings(ACTIONSITE_RATE_LIMIT=2):
        answers = [quick_api.execute("probe-nothing", key="k-1") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert_refused(answers[2], 429, "quota-exceeded", advice="with the same key")
    assert answers[2].headers["Retry-After"] == "30"
    assert answers[0].headers["RateLimit"] == '"caller";r=1;t=30'
    assert answers[2].headers["RateLimit-Policy"] == '"caller";q=2;w=60'


def test_another_caller_is_not_refused_for_it(quick_api, caller, monkeypatch):
    monkeypatch.setattr(throttling, "_RATES", Rates())

    with override_settings(ACTIONSITE_RATE_LIMIT=1):
        answers = [quick_api.get("/actions"), caller().get("/actions"), quick_api.get("/actions")]

    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_without_a_limit_nobody_is_counted(quick_api, monkeypatch):
    monkeypatch.setattr(throttling, "_RATES", Rates())

    with override_settings(ACTIONSITE_RATE_LIMIT=0):
        answer = quick_api.get("/actions")

    assert "RateLimit" not in answer.headers


def test_a_name_that_the_database_cannot_hold_is_of_nothing(catalogue, caller):
    api = caller(*access.PERMISSIONS)

    for path in ("actions", "executions", "api-keys", "secrets", "workflows", "runs"):
        answer = api.get(f"/{path}/a%00b")
        assert answer.status_code == 404, path
        assert answer.json()["code"].endswith("-not-found")
    for path in ("api-keys", "secrets"):
        assert api.send("DELETE", f"/{path}/a%00b").status_code == 404
    for path in ("actions", "secrets", "workflows"):
        assert api.get(f"/{path}?cursor={cursors.after_name(chr(0))}").status_code == 400
