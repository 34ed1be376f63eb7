"""Reading the audit log."""

import pytest

from actions.models import AuditEvent
from tests.actions.api.conftest import assert_refused


@pytest.fixture
def admin(quick_api, caller):
    """An administrator, after somebody has turned two actions off and one of them on again."""
    operator = caller("actions:write", name="olga")
    operator.post("/actions/probe-mark/disable", {"note": "Month end"})
    operator.post("/actions/probe-echo/disable")
    operator.post("/actions/probe-mark/enable")
    return caller("admin", name="ada")


def verbs(answer) -> list[str]:
    return [entry["verb"] for entry in answer.json()["entries"]]


def test_what_was_done_is_listed_the_newest_first(admin):
    entries = admin.get("/audit-events").json()["entries"]

    assert [entry["verb"] for entry in entries[:4]] == [
        "api_key.created",
        "action.enabled",
        "action.disabled",
        "action.disabled",
    ]
    assert entries[1]["actor"]["label"] == "olga"
    assert (entries[1]["object_kind"], entries[1]["object_id"]) == ("action", "probe-mark")
    assert entries[1]["data"]["note_before"] == "Month end"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("verb=action.disabled", 2),
        ("verb=action.disabled,action.enabled", 3),
        ("actor=olga", 3),
        ("object_kind=action&object_id=probe-mark", 2),
        ("object_kind=user", 0),
        ("verb=action.enabled&since=2026-01-01T00:00:00Z", 1),
        ("until=2026-01-01T00:00:00Z", 0),
    ],
)
def test_the_list_is_filtered(admin, query, count):
    assert len(verbs(admin.get(f"/audit-events?{query}"))) == count


@pytest.mark.parametrize("query", ["verb=made.up", "since=soon", "colour=red", "cursor=AQ"])
def test_what_cannot_be_asked_is_refused(admin, query):
    answer = admin.get(f"/audit-events?{query}")

    assert_refused(answer, 400, "malformed-request", advice="")


def test_the_list_comes_in_pages(admin):
    seen, cursor = [], ""
    while cursor is not None:
        page = admin.get(f"/audit-events?limit=2{cursor and f'&cursor={cursor}'}").json()
        seen += [entry["id"] for entry in page["entries"]]
        cursor = page["next_cursor"]

    assert seen == list(AuditEvent.objects.order_by("-id").values_list("id", flat=True))


def test_a_key_with_patterns_is_told_of_its_actions_only(admin, caller):
    narrow = caller("admin", patterns=("probe-e*",))

    entries = narrow.get("/audit-events").json()["entries"]

    assert [entry["object_id"] for entry in entries] == ["probe-echo"]
