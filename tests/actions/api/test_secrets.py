"""Secrets over the API: they go in, and never come out."""

import pytest

from actions import vault
from actions.vault import boxes
from tests.actions.api.conftest import assert_refused

PATH = "/secrets/smtp-password"


@pytest.fixture(autouse=True)
def fresh():
    """Keys are kept by each process; the next test has others."""
    boxes.forget()
    yield
    boxes.forget()


@pytest.fixture
def admin(catalogue, caller):
    return caller("admin")


def test_a_secret_is_set_and_never_answered(admin):
    answer = admin.send("PUT", PATH, {"value": "hunter2-canary", "actions": ["send-*"]})

    assert answer.status_code == 200
    assert answer.json()["version"] == 1
    assert vault.read("smtp-password", action="send-letter") == "hunter2-canary"
    answers = [answer, admin.get(PATH), admin.get("/secrets")]
    assert not any(b"hunter2-canary" in one.content for one in answers)


def test_a_new_value_is_a_new_version(admin):
    admin.send("PUT", PATH, {"value": "one", "actions": ["send-*"]})

    answer = admin.send("PUT", PATH, {"value": "two"})

    assert (answer.json()["version"], answer.json()["actions"]) == (2, ["send-*"])


def test_secrets_are_listed_by_name_in_pages(admin):
    for name in ("c", "a", "b"):
        admin.send("PUT", f"/secrets/{name}", {"value": "hunter2"})

    first = admin.get("/secrets?limit=2").json()
    second = admin.get(f"/secrets?limit=2&cursor={first['next_cursor']}").json()

    names = [entry["name"] for page in (first, second) for entry in page["entries"]]
    assert names == ["a", "b", "c"]


def test_a_removed_secret_is_gone(admin):
    admin.send("PUT", PATH, {"value": "hunter2"})

    assert admin.send("DELETE", PATH).status_code == 204
    assert_refused(admin.get(PATH), 404, "secret-not-found", advice="There is no secret")
    assert_refused(admin.send("DELETE", PATH), 404, "secret-not-found", advice="")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/secrets/Upper", {"value": "hunter2-canary"}),
        ("/secrets/key", {"value": "hunter2-canary"}),
        (PATH, {"value": ""}),
        (PATH, {"value": "hunter2-canary" * 5_000}),
        (PATH, {"value": 7}),
        (PATH, {}),
        (PATH, {"value": "hunter2-canary", "actions": ["no such thing"]}),
    ],
)
def test_what_cannot_be_a_secret_is_refused_without_repeating_it(admin, path, body):
    answer = admin.send("PUT", path, body)

    assert_refused(answer, 400, "malformed-request", advice="")
    assert b"hunter2-canary" not in answer.content
    assert admin.get("/secrets").json()["entries"] == []


def test_where_the_key_is_lost_setting_a_secret_is_refused(admin, settings):
    settings.ACTIONSITE_VAULT_KEY = "another-" * 8
    boxes.forget()

    answer = admin.send("PUT", PATH, {"value": "hunter2"})

    assert_refused(answer, 503, "vault-locked", advice="ACTIONSITE_VAULT_KEY_FALLBACKS")
