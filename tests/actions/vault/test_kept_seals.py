"""What was sealed in the params of an execution stays sealed in those that repeat it."""

from typing import Any

from actions import definitions, executions, vault
from actions.masking import MASK
from actions.models import Execution, Limit
from tests.actions.vault.test_fields import stored
from tests.fixtures.engine import TESTER
from tests.fixtures.outside import Service

CANARY = "canary-91ab"
MARKED = {"type": "string", "x-secret": True}


def define(service: Service, *, code: dict[str, Any], url: str = "", **more: Any) -> None:
    """An action that sends its code, and returns what the service says."""
    document = {
        "kind": "http",
        "method": "POST",
        "url": f"http://127.0.0.1:{service.port}/{url}",
        "params": {"type": "object", "properties": {"code": code}},
        "body": {"code": "${{ params.code }}"},
        "returns": {"said": "${{ response.body.state }}"},
        "retry": {"max_attempts": 1},
        **more,
    }
    definitions.define("send-code", document, by=TESTER)


def assert_sealed(execution: Execution) -> None:
    execution.refresh_from_db()
    assert execution.params["code"] == MASK
    assert execution.result == {"said": f"got {MASK}"}
    assert CANARY not in stored(execution)
    assert vault.params_of(execution)["code"] == CANARY


def test_a_rerun_keeps_sealed_what_its_version_marks_no_more(engine, service):
    define(service, code=MARKED)
    first = engine.run("send-code", code=CANARY)
    define(service, code={"type": "string"})
    service.echo = f"got {CANARY}"

    second = executions.rerun(execution_id=first.id, by=TESTER)
    engine.drain()
    third = executions.rerun(execution_id=second.id, by=TESTER)
    engine.drain()

    assert second.version_id != first.version_id
    for one in (second, third):
        assert_sealed(one)
    assert b"canary-91ab" in service.seen[-1][2]
    assert not Execution.objects.filter(terms__contains=[CANARY]).exists()


def test_a_rerun_with_params_of_its_own_keeps_their_places_sealed(engine, service):
    define(service, code=MARKED)
    first = engine.run("send-code", code="something-else")
    define(service, code={"type": "string"})
    service.echo = f"got {CANARY}"

    second = executions.rerun(execution_id=first.id, by=TESTER, params={"code": CANARY})
    engine.drain()

    assert_sealed(second)


def test_a_retry_under_the_same_key_keeps_sealed_what_its_version_marks_no_more(engine, service):
    define(service, code=MARKED, success="false")
    first = engine.submit("send-code", key="k", code=CANARY)
    engine.drain()
    define(service, code={"type": "string"})
    service.echo = f"got {CANARY}"

    second = executions.submit(
        action="send-code", params={"code": CANARY}, by=TESTER, key="k", on_failed="retry"
    ).execution
    engine.drain()

    assert second.retry_of_id == first.id
    assert_sealed(second)


def test_an_element_of_a_list_stays_sealed_wherever_it_stands(engine, service):
    items = {"type": "array", "items": MARKED}
    define(service, code=items)
    first = engine.run("send-code", code=[CANARY])
    define(service, code={"type": "array"})

    second = executions.rerun(execution_id=first.id, by=TESTER, params={"code": ["a", CANARY]})

    assert second.params == {"code": [MASK, MASK]}


def test_the_form_of_a_rerun_keeps_what_was_sealed(engine, service, signed_in):
    define(service, code=MARKED)
    first = engine.run("send-code", code=CANARY)
    define(service, code={"type": "string"})
    service.echo = f"got {CANARY}"
    client, url = signed_in(), f"/executions/{first.shown_id}/rerun"

    page = client.get(f"{url}?edit=1")
    key = page.context["answers"].key
    client.post(url, {"key": key, "params_choice": "edit", "params/code": ""})
    engine.drain()

    assert CANARY not in page.content.decode()
    assert_sealed(Execution.objects.get(rerun_of=first))


def test_a_limit_per_what_is_hidden_is_counted_by_its_digest(engine, service):
    text = {"type": "string"}
    define(
        service,
        code=text,
        params={"type": "object", "properties": {"code": text, "name": text, "value": text}},
        concurrency={"limit": 1, "per": ["value"]},
        rate={"limit": "1000/s", "per": ["value"]},
    )

    def limits_of(value, name="Authorization"):
        execution = engine.run("send-code", code="x", name=name, value=value)
        assert execution.status == "succeeded"
        assert (CANARY in stored(execution)) == (name != "Authorization")
        return execution.limits

    one, same, other = limits_of(CANARY), limits_of(CANARY), limits_of(f"{CANARY}-2")

    assert one == same != other
    names = [*Limit.objects.values_list("name", flat=True)]
    assert names
    assert CANARY not in str(names)
    assert limits_of(CANARY, name="Color")[0] == f'concurrency:send-code{{"value": "{CANARY}"}}'


def test_a_limit_per_what_was_sealed_before_is_counted_by_its_digest(engine, service):
    define(service, code=MARKED)
    first = engine.run("send-code", code=CANARY)
    define(service, code={"type": "string"}, concurrency={"limit": 1, "per": ["code"]})
    service.echo = f"got {CANARY}"

    second = executions.rerun(execution_id=first.id, by=TESTER)
    engine.drain()

    assert_sealed(second)
    assert second.limits[0].startswith('concurrency:send-code{"code": "#')
