"""What the answers of HTTP actions mean, and what of them is read."""

import gzip
import json

import pytest

from actions.errors import Final, Retry, Uncertain
from actions.executor.answers import retry_after_seconds
from actions.policy import MAX_DELAY_SECONDS
from tests.actions.executor.calls import exchange, failure
from tests.actions.executor.servers import answer, json_answer


def test_without_further_words_the_result_is_the_status_and_the_body():
    result, _ = exchange(
        answer(200, b"hi"),
        returns={"status": "${{ response.status }}", "body": "${{ response.body }}"},
    )

    assert result == {"status": 200, "body": "hi"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, Retry), (503, Retry), (500, Uncertain), (502, Uncertain), (504, Uncertain)],
)
def test_a_status_that_may_pass_says_whether_the_work_had_begun(status, kind):
    busy = failure(kind, answer(status, b"busy", "Retry-After: 7"))

    assert busy.code == f"http_status_{status}"
    assert busy.after == 7
    assert busy.message.endswith(f"/v1/users/7/things was answered {status}")
    assert busy.excerpt == "busy"


@pytest.mark.parametrize(
    "moment",
    [
        "Fri, 31 Dec 99999999999999999999 23:59:59 GMT",
        "Fri, 31 Dec 2027 99999999999999999999:59:59 GMT",
        "Fri, 31 Dec 9999 23:59:59 -9999",
        "Mon, 01 Jan 0001 00:00:00 +9999",
    ],
)
def test_a_time_that_no_calendar_has_says_nothing_of_when_to_come_back(moment):
    busy = failure(Retry, answer(503, b"busy", f"Retry-After: {moment}"))

    assert (busy.code, busy.after) in [("http_status_503", None), ("http_status_503", 0.0)]


@pytest.mark.parametrize("status", [302, 400, 401, 404, 409, 501])
def test_any_other_status_is_final(status):
    refused = failure(Final, answer(status, b"no", "Location: /elsewhere"))

    assert refused.code == f"http_status_{status}"
    assert refused.details == {"status": status}


def test_success_is_what_the_definition_says():
    rule = "response.status == 200 && response.body.ok"

    assert failure(Final, json_answer(200, '{"ok": false}'), success=rule).code == "not_successful"
    assert exchange(json_answer(200, '{"ok": true}'), success=rule)[0] == {"ok": True}
    assert exchange(answer(404), success="response.status == 404")[0] is None


def test_a_rule_about_the_body_need_not_fit_the_page_of_an_error():
    rule = "response.body.ok"

    assert failure(Retry, answer(503, b"<html>"), success=rule).code == "http_status_503"
    assert failure(Uncertain, answer(200, b"<html>"), success=rule).code == "expression_failed"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (json_answer(200, '{"a": 1'), "response_not_json"),
        (json_answer(200, '{"a": NaN}'), "response_not_json"),
        (answer(200, b"x" * 2_000), "response_too_large"),
        (
            answer(200, gzip.compress(b"x" * 10_000_000, mtime=0), "Content-Encoding: gzip"),
            "response_too_large",
        ),
        (answer(200, b"no gzip", "Content-Encoding: gzip"), "response_unreadable"),
        (
            answer(200, gzip.compress(b"abc", mtime=0)[:-9], "Content-Encoding: gzip"),
            "response_unreadable",
        ),
        (answer(200, b"x", "Content-Encoding: br"), "response_unreadable"),
        (json_answer(200, '{"b": 1}'), "expression_failed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "reply",
)
def test_an_answer_that_cannot_be_used_is_not_asked_for_again(reply, code):
    wrong = failure(Uncertain, reply, max_response_bytes=1_000, returns="${{ response.body.a }}")

    assert wrong.code == code
    assert not wrong.may_help


def test_a_packed_answer_is_unpacked():
    packed = gzip.compress(b'{"a": 1}', mtime=0)

    result, _ = exchange(
        answer(200, packed, "Content-Encoding: gzip", "Content-Type: application/json")
    )

    assert result == {"a": 1}


def test_a_large_answer_is_handed_on_as_it_is():
    text = json.dumps({"text": "x" * 500_000})

    assert exchange(json_answer(200, text))[0] == json.loads(text)


def test_cookies_of_the_answer_are_nobodys_business():
    result, _ = exchange(
        answer(200, b"", "Set-Cookie: session=1", "X-A: b"), returns="${{ response.headers }}"
    )

    assert result["x-a"] == "b"
    assert "set-cookie" not in result


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("9" * 23, MAX_DELAY_SECONDS),
        ("9" * 400, MAX_DELAY_SECONDS),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_DELAY_SECONDS),
        ("soon", None),
    ],
)
def test_whoever_asks_for_more_patience_than_there_is_is_given_all(header, seconds):
    assert retry_after_seconds(header) == seconds
