"""Approvals: the inbox, the form, and who may answer."""

import pytest

from tests.fixtures.pages import attributes, words
from workflows.models import Run

FORM = {
    "type": "object",
    "properties": {"days": {"type": "integer", "minimum": 1}},
    "required": ["days"],
}


@pytest.fixture
def asking(stage):
    """A run that waits for an answer with a form."""
    return stage.start(
        {"ask": {"approval": {"message": "How many days?", "form": FORM, "roles": ["operator"]}}},
        result="${{ steps.ask.result }}",
    )


def url_of(run) -> str:
    return f"/runs/{run.shown_id}/steps/ask/answer"


def status_of(run) -> str:
    return Run.objects.get(id=run.id).status


def test_the_inbox_has_the_question_and_leads_to_its_form(signed_in, asking):
    answer = signed_in().get("/approvals")

    assert "How many days?" in words(answer)
    assert "for you" in words(answer)
    assert url_of(asking) in attributes(answer, "href")


def test_an_empty_inbox_says_so(signed_in, engine):
    assert "Nobody is asked anything" in words(signed_in().get("/approvals"))


def test_an_approval_with_its_form_lets_the_run_go_on(signed_in, stage, asking):
    client = signed_in()
    assert "How many days?" in words(client.get(url_of(asking)))

    sent = {"mode": "fields", "params/days": "3", "comment": "gladly", "decision": "approved"}
    answer = client.post(url_of(asking), sent)

    assert answer["Location"] == f"/runs/{asking.shown_id}"
    result = stage.go_on(asking).result
    assert (result["decision"], result["answer"]) == ("approved", {"days": 3})
    assert (result["comment"], result["by"]) == ("gladly", "the-operator")


def test_an_answer_that_does_not_fit_is_told_at_its_field(signed_in, asking):
    sent = {"mode": "fields", "params/days": "0", "decision": "approved"}

    answer = signed_in().post(url_of(asking), sent)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert status_of(asking) == "waiting"


def test_a_rejection_needs_no_form(signed_in, asking):
    signed_in().post(url_of(asking), {"decision": "rejected", "comment": "too early"})

    assert status_of(asking) == "failed"


def test_without_a_decision_nothing_is_answered(signed_in, asking):
    answer = signed_in().post(url_of(asking), {"mode": "fields", "params/days": "3"})

    assert answer.status_code == 422
    assert status_of(asking) == "waiting"


def test_whom_the_step_does_not_name_may_read_and_not_answer(signed_in, asking):
    client = signed_in("viewer")
    assert "It may be answered by operator." in words(client.get(url_of(asking)))

    answer = client.post(url_of(asking), {"decision": "rejected"})

    assert answer.status_code == 403
    assert status_of(asking) == "waiting"


@pytest.mark.parametrize("role", ["editor", "admin"])
def test_who_may_do_all_that_the_role_may_can_answer_in_its_place(signed_in, asking, role):
    sent = {"mode": "fields", "params/days": "3", "decision": "approved"}

    signed_in(role).post(url_of(asking), sent)

    assert status_of(asking) == "succeeded"


def test_a_person_whom_the_step_names_may_answer_whatever_the_role(signed_in, stage):
    ask = {"message": "You?", "users": ["the-viewer"]}
    run = stage.start({"ask": {"approval": ask}})

    signed_in("viewer").post(url_of(run), {"decision": "approved"})

    assert status_of(run) == "succeeded"


def test_a_question_that_was_answered_is_gone(signed_in, asking):
    client = signed_in()
    client.post(url_of(asking), {"decision": "rejected"})

    answer = client.get(url_of(asking))

    assert answer.status_code == 409
    assert "Nobody is asked at ask" in words(answer)
