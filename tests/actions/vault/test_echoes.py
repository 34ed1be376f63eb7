"""What a service says of a secret is masked, in results and errors, however it says it."""

import json
from urllib.parse import quote

import pytest

from actions import definitions
from actions.masking import MASK
from tests.actions.vault.test_fields import stored
from tests.fixtures.engine import TESTER

SECRET = "Zq!w(7)*x'y/k~L&m<8>"
NUMBER = 98127366123344
SPELT = [quote(SECRET, safe="!~*'()"), json.dumps(SECRET)[1:-1].replace("&", "\\u0026"), SECRET]


def define(service, **more):
    document = {
        "kind": "http",
        "method": "POST",
        "url": f"http://127.0.0.1:{service.port}/",
        "params": {"type": "object", "properties": {"password": {"type": "string"}}},
        "body": {"p": "${{ params.password }}"},
        "returns": {"said": "${{ response.body.state }}"},
        "retry": {"max_attempts": 1},
        **more,
    }
    definitions.define("echo-password", document, by=TESTER)


@pytest.mark.parametrize("said", SPELT)
@pytest.mark.parametrize("more", [{}, {"success": "false"}])
def test_an_echo_in_another_spelling_is_in_no_result_and_no_error(engine, service, said, more):
    define(service, **more)
    service.echo = f"got {said}!"

    execution = engine.run("echo-password", password=SECRET)

    written = stored(execution)
    assert "Zq" not in written
    assert "m%3C8" not in written
    assert f"got {MASK}!" in json.dumps([execution.result, execution.error], ensure_ascii=False)


def test_an_echo_as_a_number_is_masked_where_the_schema_wants_a_number(engine, service):
    wanted = {"type": "object", "properties": {"said": {"type": "number"}}}
    define(service, result=wanted)
    service.echo = NUMBER

    execution = engine.run("echo-password", password=str(NUMBER))

    assert (execution.status, execution.result) == ("succeeded", {"said": MASK})
    assert str(NUMBER) not in stored(execution)
