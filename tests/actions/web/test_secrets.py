"""The pages of secrets: values go in, and no page gives one back."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from actions import vault
from actions.actors import SYSTEM
from actions.models import AuditEvent, Secret, SecretVersion
from actions.vault import boxes
from actions.web import lists
from tests.fixtures.pages import attributes, words

CANARY = "hunter2-canary"
NEW = {"name": "smtp-password", "value": CANARY, "patterns": "send-*, mail-*"}
PAGE = "/secrets/smtp-password"


@pytest.fixture(autouse=True)
def fresh():
    """Keys are kept by each process; the next test has others."""
    boxes.forget()
    yield
    boxes.forget()


@pytest.fixture
def admin(signed_in) -> Client:
    return signed_in("admin")


def value_for(action: str) -> str | None:
    return vault.read("smtp-password", action=action)


def test_a_secret_is_set_for_the_actions_that_were_named(admin):
    answer = admin.post("/secrets/+new", NEW)

    assert answer["Location"] == PAGE
    assert value_for("send-letter") == CANARY
    assert value_for("charge-card") is None
    page = words(admin.get(PAGE))
    assert "smtp-password has version 1. Its value is not shown again." in page
    assert "smtp-password may be read by the actions that fit 2 patterns" in page


def test_no_page_gives_a_value_back(admin):
    sent = [admin.post("/secrets/+new", NEW), admin.post(f"{PAGE}/value", {"value": CANARY})]
    sent.append(admin.post(f"{PAGE}/readers", {"patterns": "", "value": CANARY}))
    paths = ("/secrets", PAGE, f"{PAGE}/value", f"{PAGE}/readers", f"{PAGE}/remove", "/audit")

    answers = [*sent, *(admin.get(path) for path in paths)]

    assert not any(CANARY.encode() in one.content for one in answers)
    assert not any(CANARY in str(vars(one)) for one in AuditEvent.objects.all())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": "Upper"}, "A secret cannot be named 'Upper'"),
        ({"name": "key"}, "A secret cannot be named 'key'"),
        ({"name": ""}, "A secret cannot be named ''"),
        ({"name": "a\x00b"}, "A secret cannot be named"),
        ({"value": ""}, "has 0 bytes; give 1 to 65,536."),
        ({"value": CANARY * 5_000}, "has 70,000 bytes"),
        ({"patterns": "No-Such!"}, "The pattern 'No-Such!' can match no action"),
    ],
)
def test_a_refused_form_keeps_all_but_the_value(admin, change, told):
    answer = admin.post("/secrets/+new", NEW | change)

    assert answer.status_code == 422
    assert told in words(answer)
    assert "The value has to be given again." in words(answer)
    assert CANARY.encode() not in answer.content
    assert answer.context["form"].patterns == (NEW | change)["patterns"]
    assert not Secret.objects.exists()


def test_a_new_secret_does_not_overwrite_one_that_is_there(admin):
    admin.post("/secrets/+new", NEW)

    answer = admin.post("/secrets/+new", NEW | {"value": "another"})

    assert answer.status_code == 422
    assert "There is a secret smtp-password already." in words(answer)
    assert value_for("send-letter") == CANARY


def test_a_new_value_is_a_new_version_and_the_readers_stay(admin):
    admin.post("/secrets/+new", NEW)

    answer = admin.post(f"{PAGE}/value", {"value": "line one\r\nline two\r\n"})

    assert answer["Location"] == PAGE
    assert value_for("send-letter") == "line one\nline two"
    assert value_for("charge-card") is None
    assert [each.number for each in admin.get(PAGE).context["versions"]] == [2, 1]


def test_an_empty_new_value_is_refused_and_the_old_one_stays(admin):
    admin.post("/secrets/+new", NEW)

    answer = admin.post(f"{PAGE}/value", {"value": "\r\n"})

    assert answer.status_code == 422
    assert value_for("send-letter") == CANARY


def test_who_may_read_it_is_changed_without_a_new_value(admin):
    admin.post("/secrets/+new", NEW)

    form = admin.get(f"{PAGE}/readers")
    answer = admin.post(f"{PAGE}/readers", {"patterns": "charge-*\r\n"})

    assert form.context["form"].patterns == "send-*\nmail-*"
    assert answer["Location"] == PAGE
    assert value_for("charge-card") == CANARY
    assert value_for("send-letter") is None
    assert SecretVersion.objects.count() == 1
    event = AuditEvent.objects.get(verb="secret.allowed")
    assert event.data == {"actions": ["charge-*"], "actions_before": ["send-*", "mail-*"]}


def test_a_pattern_that_can_match_nothing_changes_nobody(admin):
    admin.post("/secrets/+new", NEW)

    answer = admin.post(f"{PAGE}/readers", {"patterns": "No-Such!"})

    assert answer.status_code == 422
    assert "No-Such!" in words(answer)
    assert value_for("send-letter") == CANARY


def test_a_removed_secret_is_gone_for_everybody(admin):
    admin.post("/secrets/+new", NEW)

    question = admin.get(f"{PAGE}/remove")
    answer = admin.post(f"{PAGE}/remove")

    assert "Its values are forgotten" in words(question)
    assert answer["Location"] == "/secrets"
    assert value_for("send-letter") is None
    assert "No secret" in words(admin.get("/secrets"))
    gone = [admin.get(PAGE), admin.post(f"{PAGE}/remove"), admin.post(f"{PAGE}/value", NEW)]
    assert [one.status_code for one in gone] == [404] * 3


def test_where_the_key_is_lost_the_refusal_says_which(admin, settings):
    settings.ACTIONSITE_VAULT_KEY = "another-" * 8
    boxes.forget()

    answer = admin.post("/secrets/+new", NEW)

    assert answer.status_code == 503
    assert "ACTIONSITE_VAULT_KEY_FALLBACKS" in words(answer)


def test_secrets_come_by_name_in_pages(admin, monkeypatch):
    monkeypatch.setattr(lists, "PAGE_SIZE", 2)
    for name in ("c", "a", "b"):
        vault.set_secret(name, "x", by=SYSTEM)

    first = admin.get("/secrets")
    second = admin.get(first.context["page"].following)

    names = [[one.name for one in each.context["page"].rows] for each in (first, second)]
    assert names == [["a", "b"], ["c"]]
    assert "every action" in words(first)


def test_the_list_needs_no_query_for_a_row(admin):
    admin.get("/secrets")
    counts = []
    for count in (1, 20):
        for number in range(count):
            vault.set_secret(f"s{number}", "x", by=SYSTEM)
        with CaptureQueriesContext(connection) as queries:
            admin.get("/secrets")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_the_field_of_a_value_is_remembered_by_no_browser(admin):
    answer = admin.get("/secrets/+new")

    area = answer.content.decode().split('<textarea class="input mono" id="value"')[1]
    assert 'autocomplete="off" spellcheck="false"' in area.split(">")[0]
    assert "/secrets" in attributes(answer, "href")
