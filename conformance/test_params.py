"""Params: what counts as the same request, and what is no JSON at all."""

import json
from typing import Any

import pytest

from conformance.api import Api, check_refused, executed

SAME = {
    "key order": (b'{"params":{"value":{"a":1,"b":2}}}', b'{"params":{"value":{"b":2,"a":1}}}'),
    "whitespace": (b'{"params":{"value":[1,2]}}', b'{ "params" :\n{"value": [ 1 ,\t2 ]} }'),
    "escape style": (b'{"params":{"value":"\xc3\xa4/"}}', b'{"params":{"value":"\\u00e4\\/"}}'),
    "integral floats": (b'{"params":{"value":1}}', b'{"params":{"value":1.0}}'),
    "exponents": (b'{"params":{"value":100}}', b'{"params":{"value":1e2}}'),
    "negative zero": (b'{"params":{"value":0}}', b'{"params":{"value":-0.0}}'),
}
DIFFERENT = {
    "large integers": ({"value": 2**53}, {"value": 2**53 + 1}),
    "null and absent": ({"value": None}, {}),
    "true and one": ({"value": True}, {"value": 1}),
    "false and zero": ({"value": False}, {"value": 0}),
    "text and number": ({"value": "1"}, {"value": 1}),
    "array order": ({"value": [1, 2]}, {"value": [2, 1]}),
    "object and array": ({"value": {}}, {"value": []}),
    "nested": ({"value": {"a": {"b": [1]}}}, {"value": {"a": {"b": [2]}}}),
    "composed and decomposed": ({"value": "\u00e9"}, {"value": "e\u0301"}),
}
MALFORMED = {
    "duplicate names": b'{"params":{"value":1,"value":2}}',
    "duplicate names outside": b'{"params":{},"params":{}}',
    "NaN": b'{"params":{"value":NaN}}',
    "infinity": b'{"params":{"value":-Infinity}}',
    "an overflow": b'{"params":{"value":1e400}}',
    "U+0000": b'{"params":{"value":"a\\u0000b"}}',
    "a lone surrogate": b'{"params":{"value":"\\ud800"}}',
    "depth 65": b'{"params":{"value":' + b"[" * 63 + b"]" * 63 + b"}}",
    "depth 100,000": b'{"params":{"value":' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    "a long integer": b'{"params":{"value":' + b"9" * 5000 + b"}}",
    "no UTF-8": b'{"params":{"value":"\xff"}}',
    "nothing": b"",
    "half of it": b'{"params":{"value":1',
    "more than one": b"{}{}",
}


@pytest.mark.parametrize("bodies", SAME.values(), ids=SAME)
def test_what_means_the_same_is_the_same(api: Api, name: str, bodies: tuple[bytes, bytes]) -> None:
    first, second = bodies
    made = executed(api.send("conformance-echo", first, key=name))

    again = executed(api.send("conformance-echo", second, key=name))

    assert (again["id"], again["replayed"]) == (made["id"], True)


@pytest.mark.parametrize("params", DIFFERENT.values(), ids=DIFFERENT)
def test_what_differs_is_refused(
    api: Api, name: str, params: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    first, second = params
    made = executed(api.execute("conformance-echo", first, key=name))

    problem = check_refused(
        api.execute("conformance-echo", second, key=name), 422, "idempotency-key-reused"
    )

    assert problem["errors"]
    assert executed(api.execute("conformance-echo", first, key=name))["id"] == made["id"]


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_json_is_refused_and_leaves_the_key_free(
    api: Api, name: str, body: bytes
) -> None:
    check_refused(api.send("conformance-echo", body, key=name), 400, "malformed-json")

    good = executed(api.execute("conformance-echo", {"value": 1}, key=name))

    assert good["replayed"] is False


def test_other_params_are_refused_while_the_first_still_runs(api: Api, name: str) -> None:
    params = {"name": name, "seconds": 2}
    begun = api.execute("conformance-slow", params, key=name, prefer="respond-async")

    problem = api.execute("conformance-slow", params | {"seconds": 3}, key=name)

    assert begun.status_code == 202
    check_refused(problem, 422, "idempotency-key-reused")


def test_other_params_are_refused_even_where_a_failure_is_to_be_retried(
    api: Api, name: str
) -> None:
    executed(api.execute("conformance-decline", {"name": name}, key=name))

    answer = api.execute("conformance-decline", {"name": "other"}, key=name, on_failed="retry")

    check_refused(answer, 422, "idempotency-key-reused")


def test_a_body_of_exactly_the_limit_is_fine_and_one_more_byte_is_not(
    api: Api, name: str, request: pytest.FixtureRequest
) -> None:
    most = request.config.getoption("max_body_bytes")
    bare = len(json.dumps({"params": {"name": ""}}))
    at_it = json.dumps({"params": {"name": "x" * (most - bare)}}).encode()

    over = api.send("conformance-draw", at_it + b" ", key=name)
    fine = api.send("conformance-draw", at_it, key=name)

    check_refused(over, 413, "payload-too-large")
    assert len(at_it) == most
    assert fine.status_code == 200


def test_params_that_break_the_schema_are_named(api: Api, name: str) -> None:
    problem = check_refused(
        api.execute("conformance-draw", {"nome": name}, key=name), 422, "params-invalid"
    )

    assert all(each["pointer"].startswith("/params") for each in problem["errors"])
