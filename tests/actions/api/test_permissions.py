"""Who may call what: the table, and that nothing is outside of it."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from actions import access
from actions.actors import SYSTEM
from actions.api.permissions import PERMISSIONS, PUBLIC
from actions.models import Action, Execution
from tests.actions.api.conftest import assert_refused, stored

# What a call may say that passed the table: this very thing is not there.
OF_A_THING = (
    "api-key-not-found",
    "idempotency-key-not-found",
    "secret-not-found",
    "workflow-not-found",
    "run-not-found",
    "bulk-rerun-not-found",
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def api_routes(patterns, prefix: str = "") -> dict[str, object]:
    """The views under /api/ by their names."""
    found: dict[str, object] = {}
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= api_routes(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and path.startswith("api/"):
            found[pattern.name or path] = pattern.callback
    return found


def test_every_address_of_the_api_has_its_rows_in_the_table():
    served = {
        (name, method)
        for name, view in api_routes(get_resolver().url_patterns).items()
        if name not in PUBLIC
        for method in METHODS
        if hasattr(view.cls, method.lower())
    }

    assert served == set(PERMISSIONS)


def test_every_permission_of_the_table_exists():
    assert {one for needed in PERMISSIONS.values() for one in needed} <= access.PERMISSIONS


def test_an_address_without_a_row_is_closed(quick_api, monkeypatch):
    monkeypatch.delitem(PERMISSIONS, ("action-list", "GET"))

    answer = quick_api.get("/actions")

    assert answer.status_code == 403


NO_RUN = "run_00000000000000000000000000"
NO_BULK = "bulk_00000000000000000000000000"
OF_WORKFLOWS = {
    ("workflow-list", "GET"): "/workflows",
    ("workflow-list", "POST"): "/workflows",
    ("workflow-validate", "POST"): "/workflows/validate",
    ("workflow-detail", "GET"): "/workflows/nobody",
    ("workflow-draft", "GET"): "/workflows/nobody/draft",
    ("workflow-draft", "PUT"): "/workflows/nobody/draft",
    ("workflow-diff", "GET"): "/workflows/nobody/diff",
    ("workflow-version-list", "GET"): "/workflows/nobody/versions",
    ("workflow-version-list", "POST"): "/workflows/nobody/versions",
    ("workflow-version-detail", "GET"): "/workflows/nobody/versions/1",
    ("workflow-activate", "POST"): "/workflows/nobody/activate",
    ("workflow-archive", "POST"): "/workflows/nobody/archive",
    ("workflow-unarchive", "POST"): "/workflows/nobody/unarchive",
    ("workflow-runs", "POST"): "/workflows/nobody/runs",
    ("run-list", "GET"): "/runs",
    ("run-detail", "GET"): f"/runs/{NO_RUN}",
    ("run-events", "GET"): f"/runs/{NO_RUN}/events",
    ("run-waiting", "GET"): f"/runs/{NO_RUN}/waiting",
    ("run-cancel", "POST"): f"/runs/{NO_RUN}/cancel",
    ("run-pause", "POST"): f"/runs/{NO_RUN}/pause",
    ("run-resume", "POST"): f"/runs/{NO_RUN}/resume",
    ("run-event", "POST"): f"/runs/{NO_RUN}/events/paid",
    ("run-step-answer", "POST"): f"/runs/{NO_RUN}/steps/ask/answer",
    ("run-step-rerun", "POST"): f"/runs/{NO_RUN}/steps/one/rerun",
    ("run-rerun-preview", "POST"): f"/runs/{NO_RUN}/rerun-preview",
    ("run-rerun", "POST"): f"/runs/{NO_RUN}/rerun",
    ("bulk-rerun-list", "GET"): "/bulk-reruns",
    ("bulk-rerun-list", "POST"): "/bulk-reruns",
    ("bulk-rerun-preview", "POST"): "/bulk-reruns/preview",
    ("bulk-rerun-detail", "GET"): f"/bulk-reruns/{NO_BULK}",
    ("bulk-rerun-runs", "GET"): f"/bulk-reruns/{NO_BULK}/runs",
    ("bulk-rerun-stop", "POST"): f"/bulk-reruns/{NO_BULK}/stop",
}


def calls(identity: str) -> dict[tuple[str, str], str]:
    """A path for each row of the table."""
    return OF_WORKFLOWS | {
        ("action-list", "GET"): "/actions",
        ("action-detail", "GET"): "/actions/probe-mark",
        ("action-detail", "PUT"): "/actions/probe-mark",
        ("action-executions", "POST"): "/actions/probe-mark/executions",
        ("execution-batch", "POST"): "/executions/batch",
        ("action-disable", "POST"): "/actions/probe-mark/disable",
        ("action-enable", "POST"): "/actions/probe-mark/enable",
        ("audit-event-list", "GET"): "/audit-events",
        ("execution-list", "GET"): "/executions",
        ("execution-detail", "GET"): f"/executions/{identity}",
        ("execution-events", "GET"): f"/executions/{identity}/events",
        ("execution-waiting", "GET"): f"/executions/{identity}/waiting",
        ("execution-cancel", "POST"): f"/executions/{identity}/cancel",
        ("execution-rerun", "POST"): f"/executions/{identity}/rerun",
        ("idempotency-keys", "GET"): "/idempotency-keys?name=a&key=b",
        ("idempotency-keys", "DELETE"): "/idempotency-keys?name=a&key=b",
        ("api-key-list", "GET"): "/api-keys",
        ("api-key-list", "POST"): "/api-keys",
        ("api-key-detail", "GET"): "/api-keys/0123456789ab",
        ("api-key-detail", "DELETE"): "/api-keys/0123456789ab",
        ("secret-list", "GET"): "/secrets",
        ("secret-detail", "GET"): "/secrets/smtp-password",
        ("secret-detail", "PUT"): "/secrets/smtp-password",
        ("secret-detail", "DELETE"): "/secrets/smtp-password",
    }


BODIES = {
    ("execution-batch", "POST"): {"executions": [{"action": "probe-nothing"}]},
    ("secret-detail", "PUT"): {"value": "hunter2"},
    ("workflow-activate", "POST"): {"version": 1},
    ("run-step-answer", "POST"): {"decision": "approved"},
    ("run-rerun-preview", "POST"): {"what": "whole"},
    ("run-rerun", "POST"): {"what": "whole", "digest": "0"},
    ("bulk-rerun-list", "POST"): {
        "filters": {},
        "what": "whole",
        "expected_count": 1,
        "reason": "x",
    },
    ("api-key-list", "POST"): {"name": "new", "scopes": ["admin"]},
}


COMMANDS_TO = {
    ("execution-rerun", "POST"): {"actions:execute", "executions:read", "executions:write"},
    ("execution-cancel", "POST"): {"executions:read", "executions:write"},
    ("idempotency-keys", "DELETE"): {"executions:read", "executions:write"},
    ("run-cancel", "POST"): {"runs:read", "runs:write"},
    ("run-pause", "POST"): {"runs:read", "runs:write"},
    ("run-resume", "POST"): {"runs:read", "runs:write"},
    ("run-event", "POST"): {"runs:read", "runs:write"},
    ("run-step-rerun", "POST"): {"runs:read", "runs:write"},
    ("run-rerun", "POST"): {"runs:read", "runs:write"},
    ("bulk-rerun-list", "POST"): {"runs:read", "runs:write"},
    ("bulk-rerun-stop", "POST"): {"runs:read", "runs:write"},
}


def call(api, row: tuple[str, str], identity: str):
    return api.send(row[1], calls(identity)[row], BODIES.get(row))


@pytest.mark.parametrize("row", sorted(PERMISSIONS), ids="-".join)
def test_without_the_permission_a_call_is_refused(quick_api, caller, row):
    identity = quick_api.execute("probe-mark", params={"name": "one"}).json()["id"]
    before = stored()
    others = caller(*(access.PERMISSIONS - set(PERMISSIONS[row])))

    answer = call(others, row, identity)

    assert_refused(answer, 403, "insufficient-scope", advice=f"it needs {PERMISSIONS[row][0]}")
    assert stored() == before


@pytest.mark.parametrize("row", sorted(COMMANDS_TO), ids="-".join)
def test_a_command_needs_what_it_does_and_what_it_shows(quick_api, caller, row):
    identity = quick_api.execute("probe-mark", params={"name": "one"}).json()["id"]
    before = stored()
    assert set(PERMISSIONS[row]) == COMMANDS_TO[row]

    for missing in PERMISSIONS[row]:
        answer = call(caller(*(access.PERMISSIONS - {missing})), row, identity)
        assert_refused(answer, 403, "insufficient-scope", advice=f"it needs {missing}")
    assert stored() == before


@pytest.mark.parametrize("row", sorted(PERMISSIONS), ids="-".join)
def test_with_the_permission_alone_a_call_passes(quick_api, caller, row):
    identity = quick_api.execute("probe-mark", params={"name": "one"}).json()["id"]

    answer = call(caller(*PERMISSIONS[row]), row, identity)

    assert answer.status_code not in (401, 403, 405)
    assert answer.status_code != 404 or answer.json()["code"] in OF_A_THING


def test_without_the_scope_used_and_unused_keys_look_the_same(quick_api, caller):
    quick_api.execute("probe-mark", key="used", params={"name": "one"})
    reader = caller("executions:read")

    answers = [
        reader.execute("probe-mark", key=key, params={"name": "two"}) for key in ("used", "unused")
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert len({told(answer) for answer in answers}) == 1


ROWS_OF_ACTIONS = [
    ("action-detail", "GET"),
    ("action-disable", "POST"),
    ("action-enable", "POST"),
    ("action-executions", "POST"),
]
OF_MANY = ("execution-list", "execution-batch")
ROWS_OF_EXECUTIONS = [
    row for row in sorted(PERMISSIONS) if row[0].startswith("execution-") and row[0] not in OF_MANY
]


@pytest.mark.parametrize("row", ROWS_OF_ACTIONS, ids="-".join)
def test_an_action_outside_the_patterns_looks_like_none(quick_api, caller, row):
    narrow = caller(*PERMISSIONS[row], patterns=("charge-*",))
    path = calls("")[row]

    outside = narrow.send(row[1], path)
    missing = narrow.send(row[1], path.replace("probe-mark", "charge-mark"))

    assert_refused(outside, 404, "action-not-found", advice="the catalogue at /api/v1/actions")
    assert told(missing).replace("charge-mark", "probe-mark") == told(outside)
    assert stored() == (0, 0, 0)


@pytest.mark.parametrize("row", ROWS_OF_EXECUTIONS, ids="-".join)
def test_an_execution_outside_the_patterns_looks_like_none(quick_api, caller, row):
    identity = quick_api.execute("probe-mark", params={"name": "one"}).json()["id"]
    before = stored()
    narrow = caller(patterns=("charge-*", "probe-m?"))

    answer = call(narrow, row, identity)

    assert_refused(answer, 404, "execution-not-found", advice="There is no execution")
    assert stored() == before


@pytest.mark.parametrize("pattern", ["probe-mark", "probe-*", "probe-mar?", "*"])
def test_within_the_patterns_everything_is_there(catalogue, caller, pattern):
    narrow = caller(patterns=("charge-*", pattern))

    identity = narrow.execute("probe-mark", params={"name": "one"}).json()["id"]

    assert narrow.get(f"/executions/{identity}").status_code == 200
    assert [each["id"] for each in narrow.get("/executions").json()["entries"]] == [identity]
    assert "probe-mark" in [each["name"] for each in narrow.get("/actions").json()["entries"]]


def test_the_catalogue_shows_what_is_within_the_patterns(catalogue, caller):
    narrow = caller(patterns=("probe-ec*", "probe-s?eep"))

    names = [each["name"] for each in narrow.get("/actions").json()["entries"]]

    assert names == ["probe-echo", "probe-sleep"]
    assert Action.objects.count() > len(names)


@pytest.mark.parametrize(("role", "may"), [("viewer", False), ("operator", True)])
def test_a_person_may_what_the_role_grants(catalogue, client, role, may):
    person = access.create_user(username="pat", password="x" * 12, role=role, by=SYSTEM)
    client.force_login(person)

    answer = client.post(
        "/api/v1/actions/probe-nothing/executions?wait=0", {}, content_type="application/json"
    )

    assert answer.status_code == (202 if may else 403)
    assert Execution.objects.count() == int(may)


def told(answer) -> str:
    """What a refusal says, without what differs with each request."""
    problem = answer.json()
    return f"{problem['code']} {problem['detail']} {problem['errors']}"
