"""Reading the catalogue."""

import pytest

from actions import registry
from actions.models import Action, AuditEvent
from tests.actions.api.conftest import assert_refused


def open_names():
    """What everybody may see: the engine's own actions are in no list."""
    return sorted(name for name in registry.all_specs() if not name.startswith("actionsite."))


def test_an_action_is_described_as_its_code_declares_it(quick_api):
    spec = registry.get("probe-flaky")

    body = quick_api.get("/actions/probe-flaky").json()

    assert body["params_schema"] == spec.params_schema
    assert body["result_schema"] == spec.result_schema
    assert body["retry"] == spec.retry.as_dict()
    assert (body["effect"], body["repeatable"], body["version"]) == ("transactional", False, 1)
    assert (body["origin"], body["enabled"]) == ("code", True)
    assert body["links"]["execute"] == "/api/v1/actions/probe-flaky/executions"


def test_a_disabled_action_says_so(quick_api):
    Action.objects.filter(name="probe-mark").update(is_enabled=False, disabled_note="on holiday")

    body = quick_api.get("/actions/probe-mark").json()

    assert (body["enabled"], body["disabled_note"]) == (False, "on holiday")


def test_the_catalogue_is_in_the_order_of_names(quick_api):
    names = [entry["name"] for entry in quick_api.get("/actions").json()["entries"]]

    assert names == open_names()


def test_the_catalogue_comes_in_pages(quick_api):
    names, cursor = [], ""
    while cursor is not None:
        page = quick_api.get(f"/actions?limit=4{cursor and f'&cursor={cursor}'}").json()
        names += [entry["name"] for entry in page["entries"]]
        cursor = page["next_cursor"]

    assert names == open_names()


@pytest.fixture
def editor(quick_api, caller):
    """Somebody who may turn actions off and run them."""
    return caller("actions:write", "actions:execute", name="olga")


def test_an_action_is_disabled_with_a_note_and_enabled_again(editor):
    disabled = editor.post("/actions/probe-mark/disable", {"note": "Month end"})
    refused = editor.execute("probe-mark", params={"name": "one"})
    enabled = editor.post("/actions/probe-mark/enable")
    taken = editor.execute("probe-mark", params={"name": "one"})

    assert (disabled.json()["enabled"], disabled.json()["disabled_note"]) == (False, "Month end")
    assert_refused(refused, 409, "action-disabled", advice="Month end")
    assert (enabled.json()["enabled"], enabled.json()["disabled_note"]) == (True, None)
    assert taken.status_code == 202


def test_who_disabled_an_action_is_in_the_audit_log(editor):
    answer = editor.post("/actions/probe-mark/disable")

    one = AuditEvent.objects.get(verb="action.disabled")
    assert (one.actor_kind, one.actor_label) == ("api_key", "olga")
    assert one.request_id == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("body", [{"note": "x" * 501}, {"note": 1}, {"reason": "x"}, []])
def test_a_body_that_does_not_fit_disables_nothing(editor, body):
    answer = editor.post("/actions/probe-mark/disable", body)

    assert_refused(answer, 400, "malformed-request", advice="/api/schema/")
    assert Action.objects.named("probe-mark").is_enabled


def test_an_action_that_is_not_there_is_not_disabled(editor):
    answer = editor.post("/actions/no-such/disable")

    assert_refused(answer, 404, "action-not-found", advice="the catalogue at /api/v1/actions")
