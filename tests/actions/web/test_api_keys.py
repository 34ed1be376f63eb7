"""The pages of API keys: made and shown once, listed without themselves, revoked."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions import access
from actions.actors import SYSTEM
from actions.models import ApiKey, AuditEvent
from actions.web import lists
from actions.web.api_keys.views import SCOPES
from tests.fixtures.pages import attributes, words

NEW = {"name": "shop", "scopes": ["actions:execute"], "patterns": "charge-*\n", "expires": "90"}


@pytest.fixture
def admin(signed_in) -> Client:
    return signed_in("admin")


def key_on(answer) -> str:
    return answer.context["key"]


def make(name: str = "shop", **more: object) -> ApiKey:
    asked = {"name": name, "scopes": ["executions:read"], "by": SYSTEM, **more}
    return access.create_key(**asked)[0]


def test_a_new_key_is_shown_once_and_opens_what_it_was_given(admin):
    answer = admin.post("/api-keys/new", NEW)

    key, row = key_on(answer), ApiKey.objects.get()
    principal = access.authenticate(key)
    assert answer.status_code == 201
    assert key in words(answer)
    assert key in attributes(answer, "data-copy")
    assert principal.permissions == {"actions:execute"}
    assert principal.patterns == ("charge-*",)
    assert (row.created_by, row.name) == ("the-admin", "shop")
    assert abs(row.expires_at - timezone.now() - timedelta(days=90)) < timedelta(minutes=1)
    others = [admin.get(path) for path in ("/api-keys", f"/api-keys/{row.prefix}", "/audit")]
    assert not any(key.rsplit("_", 1)[1].encode() in one.content for one in others)
    assert AuditEvent.objects.get(verb="api_key.created").actor_label == "the-admin"


def test_every_scope_has_its_words_in_the_form():
    assert set(SCOPES) == access.PERMISSIONS


def test_the_page_that_shows_a_key_is_kept_by_no_browser(admin):
    answer = admin.post("/api-keys/new", NEW)

    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"scopes": []}, "There is no scope (none given)"),
        ({"scopes": ["everything"]}, "There is no scope everything"),
        ({"name": ""}, "A key's name has 0 characters"),
        ({"name": "x" * 101}, "A key's name has 101 characters"),
        ({"name": "a\x00b"}, "that can be read"),
        ({"patterns": "No, Such"}, "The pattern 'No' can match no action"),
        ({"patterns": " ".join(f"a{number}" for number in range(51))}, "give up to 50"),
        ({"expires": "7"}, "A key cannot expire '7'"),
    ],
)
def test_what_can_be_no_key_is_told_in_the_form_which_keeps_the_rest(admin, change, told):
    answer = admin.post("/api-keys/new", NEW | change)

    assert answer.status_code == 422
    assert told in words(answer)
    assert answer.context["new"].name == (NEW | change)["name"]
    assert not ApiKey.objects.exists()


def test_a_key_may_do_no_more_than_its_maker(cloned_database, monkeypatch):
    monkeypatch.setitem(access.ROLES, "keeper", frozenset({"admin"}))
    user = access.create_user(username="kim", password="x" * 12, role="keeper", by=SYSTEM)
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))

    form = client.get("/api-keys/new")
    answer = client.post("/api-keys/new", NEW)

    assert attributes(form, "value").count("admin") == 1
    assert "actions:execute" not in attributes(form, "value")
    assert answer.status_code == 422
    assert "kim may not give away actions:execute" in words(answer)
    assert not ApiKey.objects.exists()


def test_the_list_shows_what_each_may_do_and_whether_it_still_does(admin):
    make("in force", patterns=["charge-*"], expires_at=timezone.now() + timedelta(days=3))
    access.revoke_key(make("revoked one"), by=SYSTEM)
    ApiKey.objects.filter(pk=make("old one").pk).update(
        expires_at=timezone.now() - timedelta(days=1), last_used_at=timezone.now()
    )

    answer = admin.get("/api-keys")

    states = {row.key.name: row.words for row in answer.context["rows"]}
    assert list(states) == ["old one", "revoked one", "in force"]
    assert states == {"old one": "expired", "revoked one": "revoked", "in force": "in force"}
    text = words(answer)
    assert "executions:read charge-* system in 2 days never used" in text
    assert "executions:read all actions system 24 h ago just now" in text


def test_a_key_that_is_revoked_opens_nothing_and_says_so(admin):
    row, key = access.create_key(name="shop", scopes=["executions:read"], by=SYSTEM)
    url = f"/api-keys/{row.prefix}"

    question = admin.get(f"{url}/revoke")
    answers = [admin.post(f"{url}/revoke") for _ in range(2)]
    page = admin.get(answers[0]["Location"])

    assert "Whoever uses this key is refused from now on." in words(question)
    assert access.authenticate(key) is None
    assert "shop opens nothing any more; it could read executions" in words(page)
    assert "Revoke…" not in words(page)
    assert AuditEvent.objects.filter(verb="api_key.revoked").count() == 1


def test_a_look_at_the_question_revokes_nothing(admin):
    row = make()

    dialog = admin.get(f"/api-keys/{row.prefix}/revoke", headers={"HX-Request": "true"})

    row.refresh_from_db()
    assert dialog.content.decode().lstrip().startswith("<dialog")
    assert row.revoked_at is None


def test_keys_come_in_pages_the_newest_first(admin, monkeypatch):
    monkeypatch.setattr(lists, "PAGE_SIZE", 2)
    for number in range(3):
        make(f"k{number}")

    first = admin.get("/api-keys")
    second = admin.get(first.context["page"].following)

    names = [[row.key.name for row in each.context["rows"]] for each in (first, second)]
    assert names == [["k2", "k1"], ["k0"]]
    assert second.context["page"].first == "/api-keys"


def test_the_list_needs_no_query_for_a_row(admin):
    admin.get("/api-keys")
    counts = []
    for count in (1, 20):
        for number in range(count):
            make(f"k{number}")
        with CaptureQueriesContext(connection) as queries:
            admin.get("/api-keys")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_no_key_at_all_says_what_one_is_for(admin):
    assert "A program needs one to call the API." in words(admin.get("/api-keys"))


@pytest.mark.parametrize("path", ["/api-keys/0123456789ab", "/api-keys/x/revoke"])
def test_a_key_that_is_not_there_is_not_found(admin, path):
    answer = admin.get(path)

    assert answer.status_code == 404
    assert "There is no API key" in words(answer)


def test_a_hostile_name_is_shown_as_text(admin):
    row = make("<script>alert(1)</script>")

    answers = [admin.get(path) for path in ("/api-keys", f"/api-keys/{row.prefix}", "/audit")]

    assert not any(b"<script>alert" in one.content for one in answers)
