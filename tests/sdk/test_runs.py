"""What is done to runs, the same for Do, AsyncDo and the JavaScript client."""

from typing import Any

import pytest

from tests.sdk.conftest import SCOPES
from tests.sdk.drivers import Driver
from workflows.models import Run, RunSignal

ANSWER = {"decision": "approved", "answer": {"days": 3}}
STANDS_AT = {"ask": {"ask": "waiting", "paid": "pending", "deliver": "pending"}}


@pytest.fixture
def begun(driver, tmp_path) -> dict[str, Any]:
    """A run of the story that asks its question; it can be delivered, once it comes to that."""
    (tmp_path / "gate").touch()
    return begin(driver, tmp_path / "gate")


def begin(driver: Driver, gate: object) -> dict[str, Any]:
    """Start the story."""
    return driver.call("start", of="workflow", name="probe-story", params={"gate": str(gate)})


def tell(driver: Driver, run_id: str) -> dict[str, Any]:
    """Answer its question and send its event."""
    assert "raised" not in driver.call("answer", id=run_id, step="ask", **ANSWER)
    return driver.call("send_event", id=run_id, name="paid", payload={"amount": 5})


def test_a_run_is_answered_and_told_and_goes_on_to_its_end(driver, begun):
    answered = driver.call("answer", id=begun["id"], step="ask", comment="Fine.", **ANSWER)
    sent = driver.call("send_event", id=begun["id"], name="paid", payload={"amount": 5})
    ended = driver.call("wait", of="workflow", id=begun["id"], timeout=20)

    assert begun["steps"] == STANDS_AT["ask"]
    assert (answered["status"], answered["steps"]["ask"]) == ("waiting", "succeeded")
    assert sent["steps"]["paid"] == "succeeded"
    assert (ended["ok"], ended["result"]) == (True, [3, {"amount": 5}])
    assert ended["steps"] == dict.fromkeys(STANDS_AT["ask"], "succeeded")


def test_a_run_is_paused_and_resumed(driver, begun):
    for _ in range(2):
        paused = driver.call("pause", id=begun["id"], note="Month end")
    resumed = driver.call("resume", id=begun["id"], note="It is over")

    assert paused["status"] == "paused"
    assert resumed["status"] == "waiting"


@pytest.mark.parametrize(("command", "undone"), [("pause", "resume"), ("resume", "pause")])
def test_a_pause_or_resume_that_is_sent_again_does_not_undo_what_came_after_it(
    driver, begun, name, command, undone
):
    driver.call(undone, id=begun["id"])
    first = driver.call(command, id=begun["id"], idempotency_key=name)
    stands = driver.call(undone, id=begun["id"])
    again = driver.call(command, id=begun["id"], idempotency_key=name)
    driver.call("cancel", of="workflow", id=begun["id"])
    after_the_end = driver.call(command, id=begun["id"], idempotency_key=name)

    assert first["status"] != stands["status"] == again["status"]
    assert after_the_end["status"] == "cancelled"


REFUSED: dict[str, tuple[str, dict[str, Any], tuple[str, str]]] = {
    "an answer to no question": (
        "answer",
        {"step": "paid", **ANSWER},
        ("Conflict", "step-not-waiting"),
    ),
    "an answer that does not fit": (
        "answer",
        {"step": "ask", "decision": "approved", "answer": {"days": "x"}},
        ("Invalid", "params-invalid"),
    ),
    "an event that no step takes": ("send_event", {"name": "no/such"}, ("NotFound", "not-found")),
    "an unknown event": ("send_event", {"name": "other"}, ("Invalid", "params-invalid")),
    "a re-run of what goes on": (
        "rerun_preview",
        {"what": "from_failed"},
        ("Conflict", "run-goes-on"),
    ),
}


@pytest.mark.parametrize(("command", "wish", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_to_a_run_is_raised(driver, proxy, begun, command, wish, told):
    proxy.reset()

    raised = driver.call(command, id=begun["id"], **wish)["raised"]

    assert (raised["type"], raised["code"]) == told
    assert len(proxy.seen) == 1


def test_a_run_that_has_ended_takes_no_commands(driver, begun):
    driver.call("cancel", of="workflow", id=begun["id"])

    for command in ("pause", "resume"):
        assert driver.call(command, id=begun["id"])["raised"]["code"] == "run-has-ended"


COMMANDS: dict[str, tuple[str, dict[str, Any]]] = {
    "cancel": ("cancel", {"of": "workflow"}),
    "answer": ("answer", {"step": "ask", **ANSWER}),
    "event": ("send_event", {"name": "paid", "payload": 1}),
    "pause": ("pause", {}),
    "resume": ("resume", {}),
}


@pytest.mark.parametrize("turn", ["drop", "repeat", "stutter"])
@pytest.mark.parametrize(("command", "wish"), COMMANDS.values(), ids=COMMANDS)
def test_a_command_whose_answer_is_lost_or_doubled_is_done_once(
    driver, proxy, begun, command, wish, turn
):
    proxy.reset([turn])

    found = driver.call(command, id=begun["id"], **wish)
    after = driver.call("get", of="workflow", id=begun["id"])

    assert found["id"] == begun["id"]
    assert after["steps"] == found["steps"]
    assert len({one.content for one in proxy.posts}) == 1
    assert proxy.posts[0].body["idempotency_key"]
    signals = RunSignal.objects.filter(run=Run.objects.latest("queued_at"))
    assert signals.count() == (1 if command == "send_event" else 0)


@pytest.fixture
def failed(driver, tmp_path) -> dict[str, Any]:
    """A run of the story that could not be delivered, while nobody was there."""
    run_id = begin(driver, tmp_path / "gate")["id"]
    tell(driver, run_id)
    ended = driver.call("wait", of="workflow", id=run_id, timeout=20)
    (tmp_path / "gate").touch()
    return ended


def test_a_line_that_has_answered_twice_is_not_used_again(as_other, driver, proxy):
    client = as_other(driver, *SCOPES)
    proxy.reset(["stutter"])

    for value in range(4):
        call = {"of": "workflow", "name": "probe-echo", "params": {"value": value}}
        assert client.call("execute", **call)["result"] == value

    # One call has met the answer of the one before, and no other.
    assert len(proxy.posts) <= 5


FROM_FAILED = {"what": "from_failed", "reason": "The mail server is back"}


def test_a_failed_run_is_run_again_as_its_preview_has_shown(driver, proxy, failed):
    preview = driver.call("rerun_preview", id=failed["id"], **FROM_FAILED)
    proxy.reset(["drop"])

    again = driver.call(
        "rerun", of="workflow", id=failed["id"], digest=preview["digest"], **FROM_FAILED
    )

    assert (failed["error"]["step"], failed["error"]["code"]) == ("deliver", "connection_refused")
    assert preview["needs_reason"]
    assert preview["steps"] == {"ask": "reuse", "paid": "reuse", "deliver": "execute"}
    assert (again["ok"], again["steps"]["ask"]) == (True, "reused")
    assert len({one.content for one in proxy.posts}) == 1
    assert Run.objects.latest("queued_at").shown_id == again["id"] != failed["id"]


def test_what_is_pending_of_a_re_run_has_the_key_of_that(driver, name):
    done = driver.call("execute", name="probe-nap", params={"seconds": 1.5})

    raised = driver.call("rerun", id=done["id"], idempotency_key=name, patience=0.4)["raised"]

    assert (raised["type"], raised["key"], raised["handle_key"]) == ("Pending", name, name)


def test_a_re_run_that_nobody_has_looked_at_is_refused(driver, failed):
    wish = {"id": failed["id"], "digest": "0" * 64, **FROM_FAILED}

    raised = driver.call("rerun", of="workflow", **wish)["raised"]

    assert (raised["type"], raised["code"]) == ("Conflict", "situation-changed")


def test_a_list_of_runs_is_filtered_and_paged(driver):
    for value in range(3):
        driver.call("execute", of="workflow", name="probe-echo", params={"value": value})
    filters = {"workflow": "probe-echo", "status": ["succeeded", "failed"]}

    first = driver.call("list", of="workflow", filters=filters, limit=2)
    rest = driver.call("list", of="workflow", filters=filters, limit=1, cursor=first["next"])

    assert [one["result"] for one in first["entries"] + rest["entries"]] == [2, 1, 0]
    assert {one["name"] for one in first["entries"]} == {"probe-echo"}


def test_the_log_of_a_run_is_read_on_where_the_line_broke(driver, proxy, failed):
    whole = driver.call("events", of="workflow", id=failed["id"], after=0)
    proxy.reset(["lose", "pass", "drop"])

    rest = driver.call("events", of="workflow", id=failed["id"], after=whole[2])

    assert whole == list(range(1, len(whole) + 1))
    assert rest == whole[3:]


def test_a_log_is_followed_while_it_is_written(driver):
    params = {"seconds": 1.5}

    types = driver.call("start", of="workflow", name="probe-nap", params=params, then="events")

    # Where the answer to the start was late, the same request came twice.
    written = [one for one in types if one != "attached"]
    assert written == ["accepted", "started", "step_started", "step_succeeded", "succeeded"]
