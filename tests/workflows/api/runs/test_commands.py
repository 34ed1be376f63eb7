"""What is done with runs over REST: cancel, pause, events, answers, failed steps again."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from actions import access
from actions.actors import SYSTEM
from tests.actions.api.conftest import Caller, assert_refused

FORM = {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]}
ASK = {"approval": {"message": "May I?", "form": FORM}}
PAID = {"event": {"name": "paid", "payload": {"type": "object", "required": ["amount"]}}}
APPROVED = {"decision": "approved", "answer": {"days": 3}}


@pytest.fixture
def begun(api, stage) -> Callable[..., str]:
    """Publish and start a workflow; the address of its run."""

    def begin(steps, **rest) -> str:
        stage.publish(steps, **rest)
        run_id = api.post("/workflows/under-test/runs?wait=0").json()["id"]
        stage.engine.drain()
        return f"/runs/{run_id}"

    return begin


@pytest.fixture
def person(engine) -> Callable[..., Caller]:
    """Somebody who has signed in, with a role."""

    def sign_in(username: str, role: str) -> Caller:
        access.create_user(username=username, password="x-y-z-1-2-3", role=role, by=SYSTEM)
        client = Client()
        client.force_login(User.objects.get(username=username))
        return Caller(client=client)

    return sign_in


def test_a_run_is_cancelled_and_then_nothing_is_left_to_cancel(api, begun):
    path = begun({"ask": ASK})

    answer = api.post(f"{path}/cancel", {"reason": "Not needed."})

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert_refused(api.post(f"{path}/cancel"), 409, "run-has-ended", advice="nothing to cancel")


def test_a_run_is_paused_and_resumed(api, begun):
    path = begun({"ask": ASK})

    paused = api.post(f"{path}/pause", {"note": "Month end"})
    resumed = api.post(f"{path}/resume")

    assert (paused.status_code, paused.json()["status"]) == (202, "paused")
    assert resumed.json()["status"] == "waiting"
    notes = [one["data"] for one in api.get(f"{path}/events").json()["entries"]]
    assert {"note": "Month end"} in notes


def test_an_event_is_sent_to_the_step_that_waits(api, begun, stage):
    path = begun({"paid": PAID}, result="${{ steps.paid.result.payload.amount }}")

    answer = api.post(f"{path}/events/paid", {"payload": {"amount": 5}})

    assert (answer.status_code, answer.json()["result"]) == (200, 5)


@pytest.mark.parametrize(("name", "payload"), [("paid", {}), ("unknown", {"amount": 1})])
def test_an_event_that_no_step_would_take_is_refused(api, begun, name, payload):
    path = begun({"paid": PAID})

    answer = api.post(f"{path}/events/{name}", {"payload": payload})

    assert_refused(answer, 422, "params-invalid", advice="is refused by")
    assert answer.json()["errors"][0]["pointer"].startswith("/payload")


def test_an_event_that_is_sent_twice_with_its_key_comes_once(api, begun):
    path = begun({"paid": PAID, "again": PAID | {"after": ["paid"]}})
    event = {"payload": {"amount": 5}, "idempotency_key": "e-1"}

    for _ in range(2):
        answer = api.post(f"{path}/events/paid", event)
    other = api.post(f"{path}/events/paid", event | {"payload": {"amount": 6}})

    steps = {one["name"]: one["status"] for one in answer.json()["steps"]}
    assert steps == {"paid": "succeeded", "again": "waiting"}
    assert_refused(other, 422, "idempotency-key-reused", advice="use a new key")


def test_an_answer_that_is_given_twice_with_its_key_counts_once(begun, person):
    path = begun({"ask": ASK})
    ada = person("ada", "admin")

    first, again = (
        ada.post(f"{path}/steps/ask/answer", APPROVED | {"idempotency_key": "a-1"})
        for _ in range(2)
    )

    assert first.json()["status"] == "succeeded"
    assert (again.status_code, again.json()) == (200, first.json() | {"replayed": True})


@pytest.mark.parametrize(
    ("asks", "username", "role", "status"),
    [
        ({"roles": ["operator"]}, "ada", "operator", 200),
        ({"roles": ["operator"]}, "ada", "admin", 200),
        ({"roles": ["operator"]}, "ada", "viewer", 403),
        ({"users": ["ada"]}, "ada", "viewer", 200),
        ({"users": ["ada"]}, "bob", "admin", 403),
    ],
)
def test_a_question_is_answered_by_whom_it_asks(begun, person, asks, username, role, status):
    path = begun({"ask": {"approval": ASK["approval"] | asks}})

    answer = person(username, role).post(f"{path}/steps/ask/answer", APPROVED)

    assert answer.status_code == status, answer.content
    if status == 403:
        assert_refused(answer, 403, "insufficient-scope", advice="may not answer ask: it asks")


def test_a_key_that_is_named_like_a_person_is_not_that_person(begun, caller):
    path = begun({"ask": {"approval": ASK["approval"] | {"users": ["ada"]}}})

    answer = caller("runs:read", "runs:write", name="ada").post(
        f"{path}/steps/ask/answer", APPROVED
    )

    assert_refused(answer, 403, "insufficient-scope", advice="it asks ada")


def test_an_answer_that_does_not_fit_the_form_is_placed(begun, person):
    path = begun({"ask": ASK})

    answer = person("ada", "admin").post(f"{path}/steps/ask/answer", {"decision": "approved"})

    assert_refused(answer, 422, "params-invalid", advice="The answer to ask")
    assert answer.json()["errors"][0]["pointer"] == "/answer/days"


@pytest.mark.parametrize("step", ["ask", "first", "none"])
def test_a_step_that_asks_nobody_takes_no_answer(begun, person, echo, step):
    path = begun({"first": echo(1), "ask": ASK | {"after": ["first"]}})
    ada = person("ada", "admin")
    ada.post(f"{path}/steps/ask/answer", APPROVED)

    answer = ada.post(f"{path}/steps/{step}/answer", APPROVED)

    assert_refused(answer, 409, "step-not-waiting", advice="")


def test_a_failed_step_is_tried_again_in_its_run(api, begun, stage):
    path = begun({"only": {"action": "probe-decline"}})

    answer = api.post(f"{path}/steps/only/rerun", {"reason": "The limit was raised."})

    [step] = answer.json()["steps"]
    assert (answer.status_code, step["generation"], step["status"]) == (202, 2, "queued")
    goes_on = api.post(f"{path}/steps/only/rerun")
    assert_refused(goes_on, 409, "run-goes-on", advice="wait for its end")


def test_a_step_that_has_not_failed_is_not_tried_again(api, begun, echo):
    path = begun({"only": echo(1)})

    answer = api.post(f"{path}/steps/only/rerun")

    assert_refused(answer, 422, "params-invalid", advice="only is succeeded")


def test_a_map_counts_its_elements(api, begun):
    path = begun(
        {
            "all": {
                "map": {
                    "over": "['a', 5]",
                    "action": "probe-mark",
                    "params": {"name": "${{ item }}"},
                }
            }
        }
    )

    [step] = api.get(path).json()["steps"]

    assert step["elements"] == {"whole": 2, "passed": 1, "failed": 1}
