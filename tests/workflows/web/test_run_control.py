"""Cancelling, pausing, resuming and trying a step again from a page."""

import pytest

from tests.fixtures.engine import TESTER
from tests.fixtures.pages import words
from workflows import runs
from workflows.models import Run, RunEvent, Step
from workflows.runs.reruns import RerunWish

DECLINE = {"action": "probe-decline", "params": {}}


@pytest.fixture
def asking(stage):
    """A run that waits for an answer."""
    return stage.start({"ask": {"approval": {"message": "May I?"}}})


def url_of(run, verb: str) -> str:
    return f"/runs/{run.shown_id}/{verb}"


@pytest.mark.parametrize("verb", ["cancel", "pause", "resume"])
def test_each_question_is_a_page_and_a_dialog(signed_in, asking, verb):
    page = signed_in().get(url_of(asking, verb))
    dialog = signed_in().get(url_of(asking, verb), headers={"HX-Request": "true"})

    assert f"{verb.capitalize()} the run" in words(page)
    assert dialog.content.decode().lstrip().startswith("<dialog")


def test_a_run_is_cancelled_with_who_and_why(signed_in, asking):
    client = signed_in()

    answer = client.post(url_of(asking, "cancel"), {"reason": "ordered twice"})

    sentence = str(client.get(answer["Location"]).context["sentence"])
    assert sentence == "under-test was cancelled by the-operator: ordered twice."


def test_a_run_is_paused_and_resumed_with_notes(signed_in, asking):
    client = signed_in()

    client.post(url_of(asking, "pause"), {"reason": "stocktaking"})
    assert Run.objects.get(id=asking.id).status == "paused"
    client.post(url_of(asking, "resume"), {"reason": "done"})

    assert Run.objects.get(id=asking.id).status == "waiting"
    notes = RunEvent.objects.filter(run_id=asking.id, type__in=("paused", "resumed"))
    assert [event.data["note"] for event in notes.order_by("seq")] == ["stocktaking", "done"]


def test_what_has_ended_is_refused_in_words(signed_in, stage):
    run = stage.start({"card": DECLINE})

    assert "It has ended as failed." in words(signed_in().get(url_of(run, "cancel")))
    answer = signed_in().post(url_of(run, "cancel"))

    assert answer.status_code == 409
    assert "already ended" in words(answer)


def test_a_failed_step_is_tried_again_in_its_run(signed_in, stage):
    run = stage.start({"card": DECLINE})
    client = signed_in()
    assert "gets a new execution" in words(client.get(url_of(run, "steps/card/again")))

    answer = client.post(url_of(run, "steps/card/again"), {"reason": "the card is fine"})

    assert answer["Location"] == f"/runs/{run.shown_id}"
    assert Step.objects.get(run=run, name="card").generation == 2
    assert Run.objects.get(id=run.id).status == "running"


@pytest.mark.parametrize(
    ("step", "why"), [("nowhere", "no such step"), ("card", "cancel it, or wait")]
)
def test_a_step_that_cannot_be_tried_again_says_why(signed_in, stage, step, why):
    run = stage.start({"card": DECLINE})
    client = signed_in()
    client.post(url_of(run, "steps/card/again"))

    text = words(client.get(url_of(run, f"steps/{step}/again")))

    assert why in text


def test_the_page_says_that_a_later_rerun_has_called_the_step_and_leads_to_it(signed_in, stage):
    run = stage.start({"card": DECLINE})
    wish = RerunWish(run=run, what="from_failed", reason="Once more.")
    later = runs.rerun(wish, digest=runs.preview(wish).digest, by=TESTER)
    stage.go_on(later)

    page = signed_in().get(url_of(run, "steps/card/again"))

    assert "what card does outside may happen twice" in words(page)
    assert "optional" not in words(page)
    assert f'href="/runs/{later.shown_id}"' in page.content.decode()
    assert signed_in().post(url_of(run, "steps/card/again")).status_code == 422
