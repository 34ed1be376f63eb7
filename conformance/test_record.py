"""The record: reading one, its log, and ending it."""

import pytest

from conformance.api import Api, executed
from do_sdk import Conflict, Do


def test_the_log_tells_who_did_what_in_order(api: Api, do: Do, name: str) -> None:
    ended = do.action.execute("conformance-flaky", {"name": name, "fail_times": 1})

    events = list(do.executions.events(ended.id))

    listed = api.get(f"/executions/{ended.id}/events").json()["entries"]
    assert [event.body for event in events] == listed
    assert [event.seq for event in events] == sorted({event.seq for event in events})
    types = [event.type for event in events]
    assert types[0] == "accepted"
    assert types.count("attempt_started") == 2
    assert types[-1] == "succeeded"


def test_a_replay_is_an_event_of_the_execution(api: Api, do: Do, name: str) -> None:
    for _ in range(2):
        ended = do.action.execute("conformance-draw", {"name": name}, idempotency_key=name)
    refused = api.execute("conformance-draw", {"name": "other"}, key=name)

    types = [event.type for event in do.executions.events(ended.id)]

    assert refused.status_code == 422
    assert types.count("replayed") == 1
    assert types.count("mismatch_refused") == 1


def test_a_log_is_followed_while_it_is_written(do: Do, name: str) -> None:
    handle = do.action.start("conformance-slow", {"name": name, "seconds": 1.0})

    types = [event.type for event in handle.events()]

    assert types[-1] == "succeeded"
    assert handle.wait().ok


def test_what_runs_is_cancelled_on_request(do: Do, name: str) -> None:
    handle = do.action.start("conformance-slow", {"name": name, "seconds": 600.0})

    handle.cancel(reason="a check")
    ended = handle.wait(timeout=40)

    assert (ended.status, ended.is_ended, ended.ok) == ("cancelled", True, False)
    assert ended.error is not None
    assert ended.error.code == "cancelled"


def test_what_has_ended_cannot_be_cancelled(do: Do, name: str) -> None:
    ended = do.action.execute("conformance-draw", {"name": name})

    with pytest.raises(Conflict) as caught:
        do.executions.cancel(ended.id)

    assert caught.value.code == "not-cancellable"


def test_who_has_a_revision_is_not_sent_it_again(api: Api, do: Do, name: str) -> None:
    ended = do.action.execute("conformance-draw", {"name": name})
    first = api.get(f"/executions/{ended.id}")

    again = api.client.get(
        f"/executions/{ended.id}", headers={"If-None-Match": first.headers["etag"]}
    )

    assert executed(first)["id"] == ended.id
    assert (again.status_code, again.content) == (304, b"")


def test_a_list_is_paged_without_a_gap_and_without_a_repeat(do: Do, name: str) -> None:
    made = [do.action.execute("conformance-draw", {"name": name}).id for _ in range(5)]
    found, cursor = [], None

    while True:
        page = do.executions.list({"params.name": name}, limit=2, cursor=cursor)
        found += [one.id for one in page.entries]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert found == made[::-1]
