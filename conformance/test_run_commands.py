"""What is done to runs: each command once, however often it is sent; nothing unseen is run again."""

import pytest

from conformance.api import Api, check_refused, executed, new_name
from do_sdk import Conflict, Do, Handle, Run

pytestmark = pytest.mark.usefixtures("workflows")
DAYS = {"days": 3}


@pytest.fixture
def story(do: Do, name: str) -> Handle[Run]:
    """A run that asks its question."""
    return do.workflow.start("conformance-story", {"name": name})


def stands(run: Run) -> dict[str, str]:
    """How its steps stand."""
    return {step.name: step.status for step in run.steps}


def test_a_run_goes_on_when_it_is_answered_and_told(do: Do, story: Handle[Run], name: str) -> None:
    answered = do.runs.answer(story.id, "ask", "approved", answer=DAYS, comment="Fine.")
    do.runs.send_event(story.id, "paid", {"amount": 5})
    ended = story.wait(timeout=40)

    assert stands(answered) == {"ask": "succeeded", "paid": "waiting", "draw": "pending"}
    assert ended.unwrap()["name"] == name
    assert {step.status for step in ended.steps} == {"succeeded"}


def test_a_paused_run_begins_nothing_until_it_is_resumed(do: Do, story: Handle[Run]) -> None:
    paused = [do.runs.pause(story.id, note="a check") for _ in range(2)]
    do.runs.answer(story.id, "ask", "approved", answer=DAYS)
    held = do.runs.get(story.id)
    resumed = do.runs.resume(story.id)

    assert {each.status for each in paused} == {"paused"}
    assert (held.status, resumed.status) == ("paused", "waiting")
    assert (stands(held)["ask"], stands(resumed)["paid"]) == ("succeeded", "waiting")
    do.runs.cancel(story.id)


@pytest.mark.parametrize("commands", [("pause", "resume"), ("resume", "pause")])
def test_a_pause_or_resume_with_a_key_does_not_undo_what_came_after_it(
    api: Api, story: Handle[Run], commands: tuple[str, str]
) -> None:
    command, undone = commands
    path, key = f"/runs/{story.id}", new_name()
    api.post(f"{path}/{undone}", {})
    first = api.post(f"{path}/{command}", {"idempotency_key": key}).json()["status"]
    stands = api.post(f"{path}/{undone}", {}).json()["status"]

    again = api.post(f"{path}/{command}", {"idempotency_key": key}).json()["status"]

    assert first != stands == again
    api.post(f"{path}/cancel", {})


@pytest.mark.parametrize("command", ["cancel", "events/paid", "steps/ask/answer"])
def test_a_command_with_a_key_is_done_once(api: Api, story: Handle[Run], command: str) -> None:
    name = new_name()
    said = {"decision": "approved", "answer": DAYS} if command.startswith("steps") else {}
    path = f"/runs/{story.id}/{command}"

    first, again = (api.post(path, {**said, "idempotency_key": name}) for _ in range(2))

    other = {**said, ("payload" if "events" in command else "reason"): "other"}
    if command.startswith("steps"):
        other = {"decision": "rejected"}
    reused = api.post(path, {**other, "idempotency_key": name})

    assert first.json()["replayed"] is False
    assert again.json() == first.json() | {"replayed": True}
    assert again.status_code == first.status_code
    assert again.headers["idempotent-replayed"] == "true"
    check_refused(reused, 422, "idempotency-key-reused")
    types = [each["type"] for each in api.get(f"/runs/{story.id}/events").json()["entries"]]
    assert max(types.count(one) for one in ("cancel_requested", "event_received", "answered")) == 1
    api.post(f"/runs/{story.id}/cancel", {})


def test_what_has_ended_takes_no_commands(api: Api, do: Do, story: Handle[Run]) -> None:
    cancelled = story.cancel(reason="a check")

    assert (cancelled.status, cancelled.error and cancelled.error.code) == (
        "cancelled",
        "cancelled",
    )
    for command in ("cancel", "pause", "resume", "events/paid"):
        check_refused(api.post(f"/runs/{story.id}/{command}", {}), 409, "run-has-ended")


def test_a_re_run_is_done_as_its_preview_has_shown_it_and_once(api: Api, do: Do, name: str) -> None:
    failed = executed(api.run("conformance-declining", {"name": name}, key=name))
    path = f"/runs/{failed['id']}/rerun"
    wish = {"what": "from_failed", "reason": "a check"}
    preview = do.runs.rerun_preview(failed["id"], what="from_failed", reason="a check")

    unseen = api.post(path, {**wish, "digest": "0" * 64})
    confirmed = {**wish, "digest": preview.digest, "idempotency_key": name}
    new, again = (executed(api.post(f"{path}?wait=20", confirmed)) for _ in range(2))

    check_refused(unseen, 409, "situation-changed")
    assert {step.name: step.verdict for step in preview.steps} == {
        "draw": "reuse",
        "decline": "execute",
    }
    assert (new["rerun_of"], new["idempotency"]["key"]) == (failed["id"], None)
    assert (again["id"], again["replayed"]) == (new["id"], True)
    replay = executed(api.run("conformance-declining", {"name": name}, key=name))
    assert replay["id"] == failed["id"]


def test_what_goes_on_is_not_run_again(do: Do, story: Handle[Run]) -> None:
    with pytest.raises(Conflict) as caught:
        do.runs.rerun_preview(story.id, what="whole")

    assert caught.value.code == "run-goes-on"
    story.cancel()


def test_the_log_of_a_run_tells_all_in_order_and_is_followed_to_its_end(
    api: Api, do: Do, name: str
) -> None:
    handle = do.workflow.start("conformance-slowing", {"name": name, "seconds": 1.0})

    events = list(handle.events())

    listed = api.get(f"/runs/{handle.id}/events").json()["entries"]
    assert [event.body for event in events] == listed
    assert [event.type for event in events] == [
        *("accepted", "started", "step_started", "step_succeeded", "succeeded"),
    ]


def test_a_list_of_runs_is_paged_without_a_gap_and_without_a_repeat(do: Do, name: str) -> None:
    made = [do.workflow.execute("conformance-drawing", {"name": name}).id for _ in range(5)]
    found: list[str] = []
    cursor = None

    while len(found) < len(made):
        page = do.runs.list({"workflow": "conformance-drawing"}, limit=2, cursor=cursor)
        found += [one.id for one in page.entries]
        cursor = page.next_cursor

    assert found[: len(made)] == made[::-1]


def test_who_has_a_revision_of_a_run_is_not_sent_it_again(api: Api, do: Do, name: str) -> None:
    ended = do.workflow.execute("conformance-drawing", {"name": name})
    first = api.get(f"/runs/{ended.id}")

    again = api.client.get(f"/runs/{ended.id}", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
