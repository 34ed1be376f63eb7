"""The pages of workflows: the list, one of them, its versions, and the form to run it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from actions import rollups
from actions.models import RollUp
from tests.fixtures.engine import TESTER
from tests.fixtures.pages import attributes, words
from workflows import definitions, runs
from workflows.models import Run, Workflow

PARAMS = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "count": {"type": "integer", "default": 2}},
    "required": ["name"],
}


def echo(value, *after):
    return {"action": "probe-echo", "params": {"value": value}, "after": list(after)}


@pytest.fixture
def published(stage):
    """A workflow with two versions, of which the second is active."""
    steps = {"one": echo("${{ params.name }}"), "two": echo(2, "one")}
    stage.publish(steps, params=PARAMS, description="Say a name.\nTwice.")
    document = {
        "workflow": "under-test",
        "description": "Say a name.",
        "params": PARAMS,
        "steps": {"one": echo("${{ params.name }}"), "three": echo(3, "one")},
    }
    definitions.save_draft("under-test", document, by=TESTER, expected=1)
    definitions.publish("under-test", by=TESTER, message="three instead of two")
    return Workflow.objects.named("under-test")


def active_number() -> int:
    return Workflow.objects.named("under-test").active.number


def test_the_list_says_what_each_does_and_how_it_last_went(signed_in, published):
    client = signed_in("viewer")
    assert "never run" in words(client.get("/workflows"))
    signed_in().post("/workflows/under-test/run", {"version": "2", "params/name": "Ada"})

    text = words(client.get("/workflows"))

    assert "under-test" in text
    assert "Say a name." in text
    assert "running" in text


def test_the_list_says_how_much_has_ended_in_a_day_and_leads_to_what_failed(
    signed_in, stage, published
):
    runs.start(version=published.active, params={"name": "Ada"}, by=TESTER)
    stage.engine.drain()
    while rollups.fold_next(now=timezone.now() + timedelta(minutes=2)):
        pass
    RollUp.objects.filter(unit="hour").update(failed=3)

    page = signed_in().get("/workflows")

    assert "4, 3 failed" in words(page)
    wanted = "/runs?status=failed&amp;workflow=under-test&amp;since=-24h"
    assert wanted in attributes(page, "href")


def test_the_list_is_searched_by_name(signed_in, published):
    client = signed_in()

    assert "Say a name." in words(client.get("/workflows?q=under"))
    assert "No workflow mentions “nowhere”" in words(client.get("/workflows?q=nowhere"))


def test_without_workflows_the_list_says_how_to_begin(signed_in, engine):
    assert "There are no workflows" in words(signed_in().get("/workflows"))


def test_a_workflow_shows_its_steps_in_words_its_params_and_its_versions(signed_in, published):
    answer = signed_in("viewer").get("/workflows/under-test")

    text = words(answer)
    assert "Executes probe-echo" in text
    assert "after one" in text
    assert "three instead of two" in text
    assert "workflow: under-test" in text
    assert "/workflows/under-test/run" not in attributes(answer, "href")


def test_one_that_was_never_published_says_so(signed_in, engine):
    definitions.create({"workflow": "half-done", "steps": {}}, by=TESTER)
    client = signed_in()

    assert "It has no version yet" in words(client.get("/workflows/half-done"))
    assert client.get("/workflows/half-done/run").status_code == 404


def test_the_form_starts_a_run_and_leads_to_it(signed_in, stage, published):
    client = signed_in()
    form = client.get("/workflows/under-test/run")
    assert 'value="2"' in form.content.decode()

    sent = {"mode": "fields", "version": "2", "params/name": "Ada", "params/count": "4"}
    answer = client.post("/workflows/under-test/run", sent)

    run = Run.objects.get()
    assert answer["Location"] == f"/runs/{run.shown_id}"
    assert (run.params, run.actor_label) == ({"name": "Ada", "count": 4}, "the-operator")
    assert stage.go_on(run).status == "succeeded"


def test_pressing_twice_starts_one_run(signed_in, published):
    client = signed_in()
    form = client.get("/workflows/under-test/run")
    sent = {"mode": "fields", "version": "2", "form_key": form.context["form_key"]}
    assert f'name="form_key" value="{sent["form_key"]}"' in form.content.decode()

    first, second, other = (
        client.post("/workflows/under-test/run", sent | {"params/name": name})
        for name in ("Ada", "Ada", "Bob")
    )

    run = Run.objects.get()
    assert first["Location"] == second["Location"] == f"/runs/{run.shown_id}"
    assert other.status_code == 422
    assert "has started a run already" in words(other)
    again = sent | {"form_key": other.context["form_key"], "params/name": "Bob"}
    assert client.post("/workflows/under-test/run", again).status_code == 302
    assert Run.objects.count() == 2


def test_params_that_do_not_fit_are_told_at_their_field(signed_in, published):
    sent = {"mode": "fields", "version": "2", "params/name": "Ada", "params/count": "many"}

    answer = signed_in().post("/workflows/under-test/run", sent)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert Run.objects.count() == 0


def test_nobody_starts_another_version_than_the_one_that_was_seen(signed_in, published):
    sent = {"mode": "fields", "version": "1", "params/name": "Ada"}

    answer = signed_in().post("/workflows/under-test/run", sent)

    assert answer.status_code == 422
    assert "Version 2 has become the active one" in words(answer)
    assert Run.objects.count() == 0


def test_an_archived_workflow_is_not_started(signed_in, published):
    definitions.archive("under-test", by=TESTER)
    client = signed_in()

    answer = client.get("/workflows/under-test/run")

    assert answer.status_code == 409
    assert "archived" in words(client.get("/workflows/under-test"))


def test_two_versions_are_compared_in_sentences(signed_in, published):
    text = words(signed_in("viewer").get("/workflows/under-test/diff?from=1&to=2"))

    assert "From version 1 to version 2" in text
    assert "Step" in text
    same = signed_in().get("/workflows/under-test/diff?from=2&to=2")
    assert "mean the same" in words(same)


def test_a_draft_is_compared_with_a_version(signed_in, published):
    draft = Workflow.objects.named("under-test").draft
    changed = draft.document | {"description": "New words."}
    definitions.save_draft("under-test", changed, by=TESTER, expected=draft.number)

    text = words(signed_in("viewer").get("/workflows/under-test/diff?from=active&to=draft"))

    assert "From the active version to the draft" in text
    assert "description" in text


@pytest.mark.parametrize(("query", "status"), [("from=x", 400), ("from=1&to=99", 404)])
def test_versions_that_are_not_there_cannot_be_compared(signed_in, published, query, status):
    assert signed_in().get(f"/workflows/under-test/diff?{query}").status_code == status


def test_an_editor_rolls_back_to_an_older_version(signed_in, published):
    client = signed_in("editor")
    url = "/workflows/under-test/versions/1"
    assert f"{url}/activate" in attributes(client.get(url), "href")
    assert "instead of version 2" in words(client.get(f"{url}/activate"))

    answer = client.post(f"{url}/activate")

    assert answer["Location"] == "/workflows/under-test"
    assert active_number() == 1


def test_an_operator_may_not_roll_back(signed_in, published):
    client = signed_in()
    url = "/workflows/under-test/versions/1"

    assert f"{url}/activate" not in attributes(client.get(url), "href")
    assert client.post(f"{url}/activate").status_code == 403
    assert active_number() == 2


@pytest.mark.parametrize("path", ["nowhere", "nowhere/run", "under-test/versions/99", "a%00b"])
def test_what_is_not_there_is_said_so(signed_in, published, path):
    assert signed_in().get(f"/workflows/{path}").status_code == 404
