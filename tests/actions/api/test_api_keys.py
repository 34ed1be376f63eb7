"""API keys over the API: made once, listed without themselves, revoked at once."""

import pytest

from actions.models import ApiKey, AuditEvent
from tests.actions.api.conftest import EVERYTHING, Caller, assert_refused

NEW = {"name": "shop", "scopes": ["actions:execute"], "patterns": ["charge-*"]}


@pytest.fixture
def admin(catalogue, caller) -> Caller:
    return caller("admin", *EVERYTHING)


def test_a_key_is_answered_once_and_opens_what_it_was_given(admin):
    made = admin.send("POST", "/api-keys", NEW)

    assert made.status_code == 201
    key, prefix = made.json()["key"], made.json()["prefix"]
    shop = Caller(key)
    assert shop.execute("probe-nothing").status_code == 404  # outside of its patterns
    assert shop.get("/actions").status_code == 403
    assert admin.get(f"/api-keys/{prefix}").json()["key"] is None
    assert key.encode() not in admin.get("/api-keys").content
    assert AuditEvent.objects.filter(verb="api_key.created", object_label="shop").exists()


def test_a_revoked_key_opens_nothing(admin):
    made = admin.send("POST", "/api-keys", NEW | {"patterns": []}).json()
    shop = Caller(made["key"])
    assert shop.execute("probe-nothing").status_code == 202

    revoked = [admin.send("DELETE", f"/api-keys/{made['prefix']}").json() for _ in range(2)]

    assert shop.execute("probe-nothing").status_code == 401
    assert revoked[0]["revoked_at"] == revoked[1]["revoked_at"] is not None
    assert AuditEvent.objects.filter(verb="api_key.revoked").count() == 1


def test_a_key_may_do_no_more_than_its_maker(catalogue, caller):
    narrow = caller("admin")
    limited = caller("admin", *EVERYTHING, patterns=("charge-*",))

    more = narrow.send("POST", "/api-keys", NEW)
    wider = limited.send("POST", "/api-keys", NEW)

    assert_refused(more, 403, "insufficient-scope", advice="actions:execute")
    assert_refused(wider, 403, "insufficient-scope", advice="beyond its own patterns")
    assert not ApiKey.objects.filter(name="shop").exists()


def test_a_key_makes_none_that_outlives_it(admin):
    until = "2999-01-02T00:00:00Z"
    made = admin.send(
        "POST", "/api-keys", {"name": "mine", "scopes": ["admin"], "expires_at": until}
    )
    ending = Caller(made.json()["key"])
    heir = {"name": "heir", "scopes": ["admin"]}

    for longer in ({}, {"expires_at": "2999-01-02T00:00:01Z"}):
        answer = ending.send("POST", "/api-keys", heir | longer)
        assert_refused(answer, 403, "insufficient-scope", advice=f"beyond {until}")
    assert not ApiKey.objects.filter(name="heir").exists()
    assert ending.send("POST", "/api-keys", heir | {"expires_at": until}).status_code == 201


@pytest.mark.parametrize(
    "change",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"name": ""},
        {"patterns": ["No Such"]},
        {"expires_at": "2001-01-01T00:00:00Z"},
        {"expires_at": "soon"},
        {"expires_at": "9999-12-31T23:59:59-12:00"},
        {"color": "red"},
    ],
)
def test_what_can_be_no_key_is_refused(admin, change):
    answer = admin.send("POST", "/api-keys", NEW | change)

    assert_refused(answer, 400, "malformed-request", advice="")
    assert not ApiKey.objects.filter(name="shop").exists()


def test_keys_are_listed_in_pages(admin):
    for number in range(3):
        admin.send("POST", "/api-keys", NEW | {"name": f"shop {number}"})

    first = admin.get("/api-keys?limit=2").json()
    second = admin.get(f"/api-keys?limit=2&cursor={first['next_cursor']}").json()

    prefixes = [entry["prefix"] for page in (first, second) for entry in page["entries"]]
    assert len(set(prefixes)) == ApiKey.objects.count() == 4


def test_a_key_that_is_not_there_is_not_found(admin):
    for method in ("GET", "DELETE"):
        answer = admin.send(method, "/api-keys/0123456789ab")
        assert_refused(answer, 404, "api-key-not-found", advice="lists them")
