"""Reading the catalogue."""

from actions import registry
from actions.models import Action


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

    assert names == sorted(registry.all_specs())


def test_the_catalogue_comes_in_pages(quick_api):
    names, cursor = [], ""
    while cursor is not None:
        page = quick_api.get(f"/actions?limit=4{cursor and f'&cursor={cursor}'}").json()
        names += [entry["name"] for entry in page["entries"]]
        cursor = page["next_cursor"]

    assert names == sorted(registry.all_specs())
