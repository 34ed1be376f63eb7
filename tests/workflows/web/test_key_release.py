"""Releasing the key of a run: what it means, who may, and what it leads to."""

from django.utils import timezone

from actions import access
from actions.models import AuditEvent
from tests.fixtures.key_pages import record, release, url_of
from tests.fixtures.pages import attributes, words
from tests.workflows.web.conftest import start
from workflows.models import RunEvent


def test_a_released_key_runs_anew_and_says_who_and_why(signed_in, stage, used_key):
    client = signed_in()

    answer = release(client, "order-1", reason="sent by mistake")
    text = words(client.get(answer["Location"]))
    second = start("order-1", n=2)

    assert answer["Location"] == url_of("order-1")
    assert "released “sent by mistake” the-operator" in text
    assert second.id != used_key.id
    assert RunEvent.objects.get(type="key_released").run_id == used_key.id
    again = client.get(url_of("order-1"))
    assert "generation 2" in words(again)
    assert [held.id for held in again.context["held"]] == [second.id, used_key.id]


def test_the_audit_log_leads_from_a_release_to_the_run(signed_in, used_key):
    release(signed_in(), "order-1")

    answer = signed_in("admin").get("/audit")

    assert AuditEvent.objects.get(verb="idempotency_key.released").object_id == "under-test"
    assert f"/runs/{used_key.shown_id}" in attributes(answer, "href")


def test_the_question_says_what_happens_to_the_run(signed_in, used_key):
    page = signed_in().get(f"{url_of('order-1')}/release")

    assert "The run that it stands for stays as it is." in words(page)


def test_the_key_of_a_run_that_goes_on_is_not_released(signed_in, keys_in_every_state):
    client = signed_in()

    question = client.get(f"{url_of('in-use')}/release")
    answer = release(client, "in-use")

    assert "is paused: cancel it, or wait for its end." in words(question)
    assert (answer.status_code, record("in-use").expires_at) == (409, None)


def test_a_release_is_only_of_the_run_that_the_reader_saw(signed_in, stage, used_key):
    client = signed_in()
    release(client, "order-1")
    start("order-1", n=2)
    stage.engine.drain()

    answer = client.post(f"{url_of('order-1')}/release", {"about": used_key.shown_id})

    assert answer.status_code == 409
    assert record("order-1").expires_at > timezone.now()


def test_without_the_right_to_write_runs_their_keys_are_not_released(
    signed_in, used_key, monkeypatch
):
    rights = {"executions:read", "executions:write", "runs:read"}
    monkeypatch.setitem(access.ROLES, "narrow", frozenset(rights))
    client = signed_in("narrow")

    page = client.get(url_of("order-1"))
    refused = release(client, "order-1")

    assert "Release…" not in words(page)
    assert refused.status_code == 403
    assert "it needs the right runs:write" in words(refused)
    assert client.get(f"{url_of('order-1')}/release").status_code == 403
