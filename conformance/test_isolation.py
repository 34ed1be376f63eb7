"""Isolation: whose key it is, and what nobody without a right is told."""

from collections.abc import Callable

from conformance.api import Api, check_refused, executed, new_name


def test_the_same_key_under_another_action_is_another_request(api: Api, name: str) -> None:
    here = executed(api.execute("conformance-draw", {"name": name}, key=name))

    there = executed(api.execute("conformance-echo", {"value": 1}, key=name))

    assert (there["replayed"], there["id"] != here["id"]) == (False, True)


def test_two_callers_share_a_key(api: Api, other: Callable[..., Api], name: str) -> None:
    mine = executed(api.execute("conformance-draw", {"name": name}, key=name))

    theirs = executed(other().execute("conformance-draw", {"name": name}, key=name))

    assert (theirs["id"], theirs["replayed"]) == (mine["id"], True)


def test_without_a_right_a_used_key_looks_like_an_unused_one(
    api: Api, other: Callable[..., Api], name: str
) -> None:
    executed(api.execute("conformance-draw", {"name": name}, key=name))
    reader = other("executions:read")

    answers = [
        reader.execute("conformance-draw", {"name": name}, key=key) for key in (name, new_name())
    ]

    used, unused = (check_refused(each, 403, "insufficient-scope") for each in answers)
    del used["request_id"], unused["request_id"]
    assert used == unused


def test_a_revoked_key_is_refused(api: Api, other: Callable[..., Api], name: str) -> None:
    caller = other()
    prefix = caller.key.split("_")[1]
    listed = api.get("/api-keys", limit="200").json()["entries"]
    mine = next(each["prefix"] for each in listed if each["prefix"] in (prefix, f"as_{prefix}"))

    api.client.delete(f"/api-keys/{mine}")

    check_refused(caller.execute("conformance-draw", {"name": name}), 401, "unauthenticated")


def test_nobody_at_all_is_refused(api: Api, name: str) -> None:
    answer = api.post(
        "/actions/conformance-draw/executions",
        {"params": {"name": name}},
        headers={"Authorization": "Bearer as_nobody_nothing"},
    )

    check_refused(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_an_action_that_is_not_there_is_refused(api: Api) -> None:
    check_refused(api.execute("conformance-nowhere"), 404, "action-not-found")


def test_an_unknown_query_parameter_is_refused(api: Api) -> None:
    check_refused(api.get("/executions", colour="red"), 400, "malformed-request")


def test_what_is_not_json_is_refused(api: Api) -> None:
    answer = api.post(
        "/actions/conformance-draw/executions", b"name=x", headers={"Content-Type": "text/plain"}
    )

    check_refused(answer, 415, "unsupported-media-type")


def test_every_error_below_the_api_is_a_problem(api: Api) -> None:
    for method, path, status in [
        ("GET", "/nowhere", 404),
        ("DELETE", "/executions", 405),
        ("PATCH", "/actions/conformance-draw/executions", 405),
    ]:
        answer = api.client.request(method, path)
        assert (answer.status_code, answer.headers["content-type"]) == (
            status,
            "application/problem+json",
        )
