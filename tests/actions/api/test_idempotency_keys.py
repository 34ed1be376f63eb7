"""Looking a key up, and releasing it."""

from actions.models import AuditEvent, Execution, ExecutionEvent
from tests.actions.api.conftest import assert_refused

ADDRESS = "/idempotency-keys?name=probe-echo&key=k"


def test_a_key_says_what_it_stands_for(api, engine):
    first = api.execute("probe-echo", key="k", params={"value": 1}).json()
    engine.drain()
    api.execute("probe-echo", key="k", params={"value": 1})
    api.execute("probe-echo", key="k", params={"value": 2})

    found = api.get(ADDRESS).json()

    assert (found["execution"], found["status"]) == (first["id"], "succeeded")
    assert (found["hits"], found["mismatches"], found["generation"]) == (1, 1, 1)
    assert found["expires_at"] is not None


def test_a_released_key_executes_anew(api, engine):
    first = api.execute("probe-echo", key="k", params={"value": 1}).json()
    engine.drain()

    released = api.send("DELETE", ADDRESS, {"reason": "sent by mistake"})
    second = api.execute("probe-echo", key="k", params={"value": 2})

    assert released.status_code == 200
    assert second.json()["id"] != first["id"]
    assert second.json()["idempotency"]["generation"] == 2
    event = ExecutionEvent.objects.get(type="key_released")
    assert event.data == {"execution": first["id"], "reason": "sent by mistake"}
    assert AuditEvent.objects.get(verb="idempotency_key.released").data == event.data
    assert Execution.objects.get(id=event.execution_id).shown_id == first["id"]


def test_the_key_of_what_has_not_ended_is_not_released(api):
    api.execute("probe-echo", key="k", params={"value": 1})

    answer = api.send("DELETE", ADDRESS)

    assert_refused(answer, 409, "execution-in-progress", advice="cancel it")
    assert api.get(ADDRESS).status_code == 200


def test_a_key_that_nobody_used_is_not_found(api):
    assert_refused(api.get(ADDRESS), 404, "idempotency-key-not-found", advice="No key in force")
    answer = api.send("DELETE", ADDRESS)
    assert_refused(answer, 404, "idempotency-key-not-found", advice="No key in force")


def test_a_key_outside_the_patterns_looks_like_none(api, caller):
    api.execute("probe-echo", key="k", params={"value": 1})
    narrow = caller("executions:read", "executions:write", patterns=("other-*",))

    assert_refused(narrow.get(ADDRESS), 404, "idempotency-key-not-found", advice="")


def test_a_key_without_its_name_is_no_key(quick_api):
    answer = quick_api.get("/idempotency-keys?key=k")

    assert_refused(answer, 400, "malformed-request", advice="name is missing")


def test_sql_and_html_in_a_key_are_stored_and_shown_harmlessly(api, signed_in):
    key = "';DROP/**/TABLE--<script>alert(1)</script>"
    first = api.execute("probe-echo", key=key, params={"value": 1}).json()

    assert first["idempotency"]["key"] == key
    page = signed_in().get(f"/executions/{first['id']}").content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
