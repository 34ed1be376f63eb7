"""A key that is bound by name patterns reads and changes nothing beyond them."""

import pytest

from actions import vault
from actions.models import ApiKey, AuditEvent, Secret
from actions.names import cover
from actions.vault import boxes
from tests.actions.api.conftest import EVERYTHING, assert_refused

VALUE = {"value": "hunter2-canary"}


@pytest.fixture(autouse=True)
def fresh():
    """Keys are kept by each process; the next test has others."""
    boxes.forget()
    yield
    boxes.forget()


@pytest.fixture
def admin(catalogue, caller):
    return caller("admin", name="boss")


@pytest.fixture
def bound(catalogue, caller):
    return caller("admin", *EVERYTHING, patterns=("inv-*", "pay"), name="bound")


def prefix_of(name):
    return ApiKey.objects.get(name=name).prefix


@pytest.mark.parametrize(
    ("patterns", "others", "is_covered"),
    [
        ([], [], True),
        ([], ["a"], True),
        (["a"], [], False),
        (["*"], [], True),
        (["inv-*"], ["inv-*"], True),
        (["inv-*"], ["inv-new-?", "inv-a"], True),
        (["inv-*"], ["inv-a", "other"], False),
        (["inv-*"], ["inv*"], False),
        (["inv-*"], ["*"], False),
        (["inv-?"], ["inv-*"], False),
        (["inv-?"], ["inv-?"], True),
        (["inv-?"], ["inv-a"], True),
        (["a*c"], ["ab*bc"], True),
        (["a", "b"], ["?"], False),
    ],
)
def test_patterns_cover_what_is_within_them(patterns, others, is_covered):
    assert cover(patterns, others) is is_covered


@pytest.mark.parametrize("actions", [[], ["other-*"], ["inv-*", "other"], ["*"]])
def test_a_secret_that_others_may_read_is_not_there(admin, bound, actions):
    admin.send("PUT", "/secrets/theirs", VALUE | {"actions": actions})

    for body in (VALUE, VALUE | {"actions": ["inv-*"]}):
        refused = bound.send("PUT", "/secrets/theirs", body)
        assert_refused(refused, 404, "secret-not-found", advice="There is no secret")
    for refused in (bound.get("/secrets/theirs"), bound.send("DELETE", "/secrets/theirs")):
        assert_refused(refused, 404, "secret-not-found", advice="There is no secret")

    assert bound.get("/secrets").json()["entries"] == []
    assert Secret.objects.named("theirs").version_number == 1
    assert AuditEvent.objects.filter(object_id="theirs").count() == 1


def test_a_secret_within_its_patterns_is_its_to_change(admin, bound):
    admin.send("PUT", "/secrets/ours", VALUE | {"actions": ["inv-new"]})

    assert bound.send("PUT", "/secrets/ours", VALUE).json()["version"] == 2
    assert bound.get("/secrets/ours").status_code == 200
    assert [entry["name"] for entry in bound.get("/secrets").json()["entries"]] == ["ours"]
    assert bound.send("DELETE", "/secrets/ours").status_code == 204


@pytest.mark.parametrize("actions", [None, [], ["other"], ["inv-*", "other"]])
def test_it_lets_nobody_beyond_its_patterns_read_a_secret(admin, bound, actions):
    admin.send("PUT", "/secrets/ours", VALUE | {"actions": ["inv-new"]})
    named = {} if actions is None else {"actions": actions}

    assert_refused(
        bound.send("PUT", "/secrets/new", VALUE | named), 403, "insufficient-scope", advice="within"
    )
    if actions is not None:
        refused = bound.send("PUT", "/secrets/ours", VALUE | named)
        assert_refused(refused, 403, "insufficient-scope", advice="own patterns")

    assert Secret.objects.named("new") is None
    assert vault.read("ours", action="other") is None
    assert Secret.objects.named("ours").version_number == 1


def test_a_key_beyond_its_patterns_is_not_there(admin, bound, caller):
    caller("admin", patterns=("other-*",), name="other")

    for name in ("boss", "other"):
        path = f"/api-keys/{prefix_of(name)}"
        for refused in (bound.get(path), bound.send("DELETE", path)):
            assert_refused(refused, 404, "api-key-not-found", advice="There is no API key")

    assert not ApiKey.objects.filter(revoked_at__isnull=False).exists()


def test_keys_within_its_patterns_are_its_to_see_and_revoke(admin, bound, caller):
    caller("admin", patterns=("inv-new", "pay"), name="small")
    path = f"/api-keys/{prefix_of('small')}"

    listed = [bound.get("/api-keys?limit=1").json()]
    listed.append(bound.get(f"/api-keys?limit=1&cursor={listed[0]['next_cursor']}").json())

    assert {entry["name"] for page in listed for entry in page["entries"]} == {"bound", "small"}
    assert listed[1]["next_cursor"] is None
    assert bound.send("DELETE", path).json()["revoked_at"] is not None
