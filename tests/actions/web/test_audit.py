"""The page of the audit log: who did what to which thing, in words, with filters."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions import access, audit, definitions, executions, vault
from actions.actors import Actor
from actions.deeds import Deed, Target
from actions.models import AuditEvent, IdempotencyRecord
from actions.vault import boxes
from actions.web import lists
from actions.web.audit.words import WORDS
from tests.fixtures.pages import attributes, words

ADA = Actor(kind="user", id="7", label="ada", request_id="req_ada")


@pytest.fixture(autouse=True)
def fresh():
    """Keys are kept by each process; the next test has others."""
    boxes.forget()
    yield
    boxes.forget()


@pytest.fixture
def admin(signed_in) -> Client:
    return signed_in("admin")


@pytest.fixture
def deeds(engine) -> str:
    """One deed of many kinds; the id of the execution whose key was released."""
    key, _ = access.create_key(name="shop", scopes=["executions:read"], by=ADA)
    access.revoke_key(key, by=ADA)
    definitions.disable("probe-echo", by=ADA, note="Month end")
    vault.set_secret("smtp-password", "hunter2", by=ADA, actions=["send-*"])
    execution = engine.submit("probe-nothing", key="k")
    engine.drain()
    executions.release(IdempotencyRecord.objects.get(), by=ADA, reason="by mistake")
    return execution.shown_id


def lines_on(answer) -> list[str]:
    return [line.event.verb for line in answer.context["lines"]]


def test_each_deed_is_a_line_in_words_with_a_link(admin, deeds):
    answer = admin.get("/audit")

    text, links = words(answer), attributes(answer, "href")
    prefix = next(link for link in links if link.startswith("/api-keys/"))
    assert f"ada released the key of {deeds} reason by mistake" in text
    assert "ada set the secret smtp-password actions send-*; version 1" in text
    assert "ada disabled the action probe-echo note Month end; was enabled yes" in text
    assert "ada revoked the API key shop" in text
    assert "ada made the API key shop" in text
    assert "req_ada" in text
    assert {f"/executions/{deeds}", "/secrets/smtp-password", "/actions/probe-echo"} <= set(links)
    assert admin.get(prefix).status_code == 200


def test_every_deed_has_its_words():
    assert set(WORDS) == set(Deed)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("verb=secret.set", ["secret.set"]),
        ("verb=secret.set,action.disabled", ["secret.set", "action.disabled"]),
        ("actor=ada&verb=api_key.revoked", ["api_key.revoked"]),
        ("actor=nobody", []),
        ("object_kind=secret", ["secret.set"]),
        ("object_kind=action&object_id=probe-echo", ["action.disabled"]),
        ("verb=secret.set&since=-1h&actor=&object_id=", ["secret.set"]),
        ("until=2026-01-01T00:00:00Z", []),
    ],
)
def test_each_filter_decides_what_is_shown(admin, deeds, query, found):
    answer = admin.get(f"/audit?{query}")

    assert lines_on(answer) == found
    assert found or "Nothing matches these filters" in words(answer)


def test_a_filter_that_is_set_stays_in_its_field(admin, deeds):
    answer = admin.get("/audit?since=2026-01-01T00:00:00Z&actor=ada")

    fields = {each.name: each for each in answer.context["filters"]}
    assert (fields["since"].text, fields["actor"].text) == ("2026-01-01T00:00:00Z", "ada")
    assert ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z") in fields["since"].options
    assert "audit-events?since=2026-01-01T00%3A00%3A00Z&actor=ada" in answer.context["curl"]


@pytest.mark.parametrize("query", ["verb=made.up", "since=soon", "colour=red", "from=" + "9" * 19])
def test_what_cannot_be_asked_is_refused(admin, query):
    assert admin.get(f"/audit?{query}").status_code == 400


def test_the_log_comes_in_pages_the_newest_first(admin, deeds, monkeypatch):
    monkeypatch.setattr(lists, "PAGE_SIZE", 2)

    seen, url = [], "/audit"
    while url:
        answer = admin.get(url)
        seen += [line.event.pk for line in answer.context["lines"]]
        url = answer.context["page"].following

    assert seen == list(AuditEvent.objects.order_by("-id").values_list("id", flat=True))


def test_the_log_needs_no_query_for_a_row(admin):
    admin.get("/audit")
    counts = []
    for count in (1, 20):
        for number in range(count):
            access.create_key(name=f"k{number}", scopes=["executions:read"], by=ADA)
        with CaptureQueriesContext(connection) as queries:
            answer = admin.get("/audit")
        counts.append(len(queries))

    assert len(lines_on(answer)) > 20
    assert counts[0] == counts[1]


def test_long_and_hostile_facts_are_bounded_text(admin):
    facts = {"note": "<script>alert(1)</script>" + "x" * 5_000, "password": "hunter2"}
    on = Target(kind="action", id="<b>", label="<script>alert(2)</script>")
    audit.note(Deed.ACTION_DISABLED, by=ADA, on=on, facts=facts)

    answer = admin.get("/audit")

    assert b"<script>alert" not in answer.content
    assert b"hunter2" not in answer.content
    assert len(answer.context["lines"][0].brief) < 200


def test_a_log_without_entries_says_what_will_be_there(admin):
    later = timezone.now() + timedelta(days=1)

    answer = admin.get("/audit", {"since": later.isoformat()})

    assert "Nothing matches these filters" in words(answer)
