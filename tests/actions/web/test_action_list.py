"""The list of actions."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from actions.models import Action
from tests.fixtures.pages import attributes, words


def test_every_action_says_what_it_does_and_what_it_promises(signed_in, engine):
    text = words(signed_in("viewer").get("/actions"))

    assert "create-invoice v1 Bill an order" in text
    assert "transactional" in text
    assert "never executed" in text


def test_an_action_shows_how_its_newest_execution_stands(signed_in, engine):
    engine.run("probe-decline")
    engine.submit("probe-decline")

    answer = signed_in().get("/actions")

    rows = {row.action.name: row for row in answer.context["rows"]}
    assert rows["probe-decline"].newest.execution.status == "queued"
    assert rows["probe-nothing"].newest is None


def test_a_disabled_action_is_marked(signed_in, engine):
    Action.objects.filter(name="create-invoice").update(is_enabled=False)

    assert "create-invoice v1 disabled" in words(signed_in().get("/actions"))


def test_the_search_looks_at_names_and_descriptions(signed_in, engine):
    client = signed_in()

    by_name = client.get("/actions?q=invoice")
    by_description = client.get("/actions?q=BILL AN ORDER")
    nothing = client.get("/actions?q=teapot")

    assert "action-create-invoice" in attributes(by_name, "id")
    assert attributes(by_description, "id").count("action-create-invoice") == 1
    assert "action-probe-mark" not in attributes(by_name, "id")
    assert "No action mentions “teapot”" in words(nothing)


def test_an_empty_catalogue_says_how_to_fill_it(signed_in):
    Action.objects.update(current=None)

    text = words(signed_in().get("/actions"))

    assert "The catalogue is empty" in text
    assert "manage.py sync_actions" in text


def test_the_list_needs_few_queries_however_many_actions_there_are(signed_in, engine):
    client = signed_in()

    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/actions")

    assert len(answer.context["rows"]) > 10
    assert len(queries) <= 6
