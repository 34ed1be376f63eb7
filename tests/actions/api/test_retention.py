"""How long a key is remembered: from the end of its execution, as its action says."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from actions import executions
from actions.executions.perform import first_claim
from actions.executions.settle import give_back
from actions.models import ActionVersion, Execution, IdempotencyRecord
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER

DOCUMENT = {"kind": "http", "method": "GET", "url": "https://example.com/"}


@pytest.fixture
def for_ever(engine) -> None:
    """Every action remembers its keys for ever."""
    ActionVersion.objects.update(key_retention="forever")


@pytest.mark.parametrize(("declared", "days"), [(None, 30), (1, 1), (36_500, 36_500)])
def test_a_key_is_remembered_for_as_many_days_as_its_action_says(api, engine, declared, days):
    ActionVersion.objects.update(key_retention=declared)
    api.execute("probe-mark", key="k-1", params={"name": "one"})
    engine.drain()

    again = api.execute("probe-mark", key="k-1", params={"name": "one"}).json()

    expires_at = datetime.fromisoformat(again["idempotency"]["expires_at"])
    assert expires_at - datetime.fromisoformat(again["finished_at"]) == timedelta(days=days)


def test_a_key_that_is_kept_for_ever_has_no_expiry(api, engine, for_ever):
    first = api.execute("probe-mark", key="k-1", params={"name": "one"})
    engine.drain()

    again = api.execute("probe-mark", key="k-1", params={"name": "one"})
    read = api.get(f"/executions/{first.json()['id']}")

    assert again.json()["replayed"] is True
    for answer in (again, read):
        assert answer.json()["idempotency"]["expires_at"] is None
        assert "Idempotency-Expires" not in answer.headers
    assert api.get("/idempotency-keys?name=probe-mark&key=k-1").json()["expires_at"] is None
    assert broken_promises() == []


def test_a_key_that_is_kept_for_ever_can_still_be_released(api, engine, for_ever):
    first = api.execute("probe-mark", key="k-1", params={"name": "one"}).json()
    engine.drain()
    api.send("DELETE", "/idempotency-keys?name=probe-mark&key=k-1")

    assert api.execute("probe-mark", key="k-1", params={"name": "two"}).json()["id"] != first["id"]


@pytest.mark.parametrize("is_claimed", [False, True])
@pytest.mark.parametrize(("declared", "days"), [(7, 7), ("forever", None)])
def test_what_was_cancelled_keeps_its_key_as_long(api, engine, is_claimed, declared, days):
    ActionVersion.objects.update(key_retention=declared)
    accepted = api.execute("probe-mark", key="k-1", params={"name": "one"}).json()
    claimed = first_claim(engine.bench) if is_claimed else []
    api.post(f"/executions/{accepted['id']}/cancel")
    give_back([one.id for one in claimed], engine.bench.claimant, reason="it leaves")

    again = api.execute("probe-mark", key="k-1", params={"name": "one"}).json()

    expires_at = again["idempotency"]["expires_at"]
    assert again["status"] == "cancelled"
    assert (expires_at is None) is (days is None)
    if days is not None:
        left = datetime.fromisoformat(expires_at) - timezone.now()
        assert timedelta(days=days - 1) < left < timedelta(days=days)


def test_a_run_longer_than_the_retention_keeps_its_key(api, engine):
    """Its age does not count: the retention begins at its end."""
    accepted = api.execute("probe-mark", key="k-1", params={"name": "one"}).json()
    long_ago = timezone.now() - timedelta(days=400)
    IdempotencyRecord.objects.update(created_at=long_ago)
    Execution.objects.update(queued_at=long_ago, run_at=long_ago)

    meanwhile = api.execute("probe-mark", key="k-1", params={"name": "one"})
    engine.drain()
    again = api.execute("probe-mark", key="k-1", params={"name": "one"}).json()

    assert (meanwhile.status_code, meanwhile.json()["id"]) == (202, accepted["id"])
    assert (again["id"], again["replayed"]) == (accepted["id"], True)
    assert datetime.fromisoformat(again["idempotency"]["expires_at"]) > timezone.now()


def test_the_key_of_a_rerun_breaks_no_promise(api, engine):
    old = engine.run("probe-decline")
    path = f"/executions/{old.shown_id}/rerun"

    new = api.post(path, {"idempotency_key": "again"}).json()
    findings = broken_promises()
    executions.cancel(execution_id=Execution.objects.get(rerun_of=old.id).id, by=TESTER)
    before = IdempotencyRecord.objects.get(kind="command").expires_at
    repeat = api.post(path, {"idempotency_key": "again"}).json()

    assert before is not None
    assert findings == broken_promises() == []
    assert repeat["id"] == new["id"]
    assert IdempotencyRecord.objects.get(kind="command").expires_at == before


@pytest.mark.parametrize("retention", [None, 90, "forever"])
def test_a_document_says_how_long_keys_are_remembered(quick_api, caller, retention):
    editor = caller("actions:read", "actions:write")
    document = DOCUMENT | ({"key_retention": retention} if retention else {})

    made = editor.send("PUT", "/actions/call-out", document)

    assert made.status_code == 201
    assert editor.get("/actions/call-out").json()["key_retention"] == retention


@pytest.mark.parametrize("retention", [0, -1, 36_501, 1.5, True, "30", "ever", "infinity"])
def test_a_document_with_a_retention_that_cannot_be_is_refused(quick_api, caller, retention):
    editor = caller("actions:read", "actions:write")

    refused = editor.send("PUT", "/actions/call-out", DOCUMENT | {"key_retention": retention})

    assert refused.json()["code"] == "definition-invalid"
    assert {one["pointer"] for one in refused.json()["errors"]} == {"/key_retention"}
