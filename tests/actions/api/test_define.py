"""PUT /actions/{name}: a document becomes an action."""

import pytest

from actions.models import Action, ActionVersion
from tests.actions.api.conftest import assert_refused

DOCUMENT = {
    "kind": "http",
    "method": "GET",
    "url": "https://status.example.com/v1/users/${{ params.userId }}",
    "params": {
        "type": "object",
        "properties": {"userId": {"type": "string"}},
        "required": ["userId"],
    },
}
PATH = "/actions/read-status"


def put(api, document, *, path=PATH, **headers):
    api.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
    answer = api.send("PUT", path, document)
    api.headers = {"Authorization": api.headers["Authorization"]}
    return answer


def seen_in(answer) -> str:
    """The number in the ETag."""
    return answer.headers["ETag"].strip('"').partition(".")[0]


def editor(caller):
    return caller("actions:read", "actions:write", "actions:execute", "executions:read")


def test_a_document_makes_an_action_that_the_catalogue_shows(engine, caller):
    api = editor(caller)

    answer = put(api, DOCUMENT)

    assert (answer.status_code, seen_in(answer)) == (201, "1")
    shown = api.get(PATH).json()
    assert (shown["origin"], shown["definition"]) == ("declarative", DOCUMENT)
    assert (shown["effect"], shown["repeatable"]) == ("external", True)
    assert api.execute("read-status", params={"userId": "usr_1"}).status_code == 202


def test_a_change_needs_the_version_that_was_seen(engine, caller):
    api = editor(caller)
    put(api, DOCUMENT)
    changed = DOCUMENT | {"description": "Changed."}

    unseen = put(api, changed)
    stale = put(api, changed, If_Match='"7"')
    seen = put(api, changed, If_Match='"1"')

    assert_refused(unseen, 428, "version-required", advice="If-Match")
    assert_refused(stale, 412, "version-changed", advice="has version 1, not 7")
    assert (seen.status_code, seen_in(seen)) == (200, "2")
    assert ActionVersion.objects.filter(action__name="read-status").count() == 2


def test_an_etag_changes_with_all_that_is_answered(engine, caller):
    api = editor(caller)
    made = put(api, DOCUMENT)
    known = {"If-None-Match": made.headers["ETag"]}

    unchanged = api.get(PATH, headers=known)
    api.post(f"{PATH}/disable", {"note": "closed"})
    disabled = api.get(PATH, headers=known)

    assert (unchanged.status_code, disabled.status_code) == (304, 200)
    assert unchanged.headers["ETag"] == made.headers["ETag"] != disabled.headers["ETag"]
    # The definition is the one that was seen.
    assert put(api, DOCUMENT, If_Match=made.headers["ETag"]).status_code == 200


@pytest.mark.parametrize("is_there", [True, False])
def test_no_version_is_0(engine, caller, is_there):
    api = editor(caller)
    if is_there:
        put(api, DOCUMENT)

    answer = put(api, DOCUMENT | {"description": "Changed."}, If_Match='"0"')

    advice = "has version 1, not 0" if is_there else "leave the version out"
    assert_refused(answer, 412, "version-changed", advice=advice)
    assert ActionVersion.objects.filter(action__name="read-status").count() == int(is_there)


def test_the_same_document_again_changes_nothing(engine, caller):
    api = editor(caller)
    put(api, DOCUMENT)

    again = put(api, DOCUMENT, If_Match='"1"')

    assert (again.status_code, seen_in(again)) == (200, "1")


def test_everything_that_is_wrong_is_said_at_once(quick_api, caller):
    api = editor(caller)

    answer = put(api, {"kind": "http", "method": "FETCH", "url": "gopher://x", "bogus": 1})

    assert_refused(answer, 422, "definition-invalid", advice="")
    assert {error["pointer"] for error in answer.json()["errors"]} >= {"/method", "/url"}
    assert not Action.objects.filter(name="read-status").exists()


@pytest.mark.parametrize("name", ["a" * 101, "Upper", "a..b"])
def test_a_name_that_no_action_may_have_is_refused(quick_api, caller, name):
    answer = put(editor(caller), DOCUMENT, path=f"/actions/{name}")

    assert_refused(answer, 422, "definition-invalid", advice="not allowed")


def test_a_pattern_that_could_take_for_ever_is_answered_at_once(quick_api, caller):
    params = {"type": "object", "properties": {"h": {"type": "string", "pattern": "^(a+)+$"}}}
    api = editor(caller)
    put(api, DOCUMENT | {"params": params})

    answer = api.post("/actions/read-status/executions", {"params": {"h": "a" * 40 + "!"}})

    assert_refused(answer, 422, "params-invalid", advice="Must match")


def test_an_action_in_code_is_changed_in_code(quick_api, caller):
    answer = put(editor(caller), DOCUMENT, path="/actions/probe-echo", If_Match='"1"')

    assert_refused(answer, 409, "action-in-code", advice="change it there")


def test_a_version_that_is_none_is_refused(quick_api, caller):
    answer = put(editor(caller), DOCUMENT, If_Match="latest")

    assert_refused(answer, 400, "malformed-request", advice="ETag")


def test_who_may_only_execute_may_not_define(quick_api, caller):
    answer = put(caller("actions:execute"), DOCUMENT)

    assert_refused(answer, 403, "insufficient-scope", advice="actions:write")


def test_a_name_outside_the_patterns_cannot_be_defined(quick_api, caller):
    answer = put(caller("actions:write", patterns=("charge-*",)), DOCUMENT)

    assert_refused(answer, 404, "action-not-found", advice="")
    assert not Action.objects.filter(name="read-status").exists()


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"timeout": 0}, "/timeout"),
        ({"timeout": -3}, "/timeout"),
        ({"timeout": 1e9}, "/timeout"),
        ({"timeout": None}, "/timeout"),
        ({"timeout": "20"}, "/timeout"),
        ({"retry": {"max_attempts": -1}}, "/retry/max_attempts"),
        ({"retry": {"max_attempts": 10**9}}, "/retry/max_attempts"),
        ({"retry": {"max_attempts": 1.5}}, "/retry/max_attempts"),
        ({"retry": {"delay_seconds": 1e15}}, "/retry/delay_seconds"),
        ({"retry": {"delay_seconds": -1}}, "/retry/delay_seconds"),
        ({"retry": {"budget_seconds": -1}}, "/retry/budget_seconds"),
        ({"priority": 10**9}, "/priority"),
        ({"concurrency": 0}, "/concurrency"),
        ({"rate": "1/y"}, "/rate"),
    ],
)
def test_a_limit_that_cannot_be_kept_is_refused_by_its_place(quick_api, caller, more, pointer):
    answer = put(editor(caller), DOCUMENT | more)

    assert_refused(answer, 422, "definition-invalid", advice="refused")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Action.objects.filter(name="read-status").exists()
