"""The fragment that keeps the list fresh."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.fixtures.pages import attributes, words


def live_url(answer) -> str:
    return next(url for url in attributes(answer, "hx-get")).replace("&amp;", "&")


def test_new_executions_wait_behind_a_pill(signed_in, engine):
    shown = engine.submit("probe-nothing")
    client = signed_in()
    url = live_url(client.get("/executions"))
    engine.submit("probe-nothing")
    engine.submit("probe-nothing")

    answer = client.get(url)

    assert "2 new executions" in words(answer)
    assert attributes(answer, "hx-target") == [f"#row-{shown.shown_id}"]


def test_a_list_that_was_empty_hears_of_the_first_execution(signed_in, engine):
    client = signed_in()
    url = live_url(client.get("/executions"))
    engine.submit("probe-nothing")

    assert "1 new execution" in words(client.get(url))


def test_only_what_the_filters_show_counts_as_new(signed_in, engine):
    client = signed_in()
    url = live_url(client.get("/executions?action=probe-mark"))
    engine.submit("probe-nothing")

    assert "new execution" not in words(client.get(url))


def test_a_row_that_was_waiting_changes_in_its_place(signed_in, engine):
    execution = engine.submit("probe-nothing")
    client = signed_in()
    url = live_url(client.get("/executions"))
    engine.drain()

    answer = client.get(url)

    assert f"#row-{execution.shown_id}" in attributes(answer, "hx-target")
    assert "succeeded" in words(answer)


def test_a_row_that_has_ended_is_not_asked_about_again(signed_in, engine):
    execution = engine.submit("probe-nothing")
    client = signed_in()
    asked_first = live_url(client.get("/executions"))
    engine.drain()

    asked_next = live_url(client.get(asked_first))

    assert execution.shown_id in asked_first.split("watch=")[1]
    assert "watch=" not in asked_next


def test_nothing_new_is_answered_without_a_body_and_with_few_queries(signed_in, engine):
    engine.submit("probe-nothing")
    client = signed_in()
    url = live_url(client.get("/executions"))
    tag = client.get(url)["HX-PTag"]

    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url, headers={"HX-Request": "true", "HX-PTag": tag})

    assert (answer.status_code, answer.content) == (304, b"")
    # Session, user and role, then two of its own.
    assert len(queries) <= 5


def test_an_older_page_hears_nothing_of_what_is_new(signed_in, engine):
    first = engine.run("probe-nothing")
    engine.run("probe-nothing")

    answer = signed_in().get(f"/executions?before={first.shown_id[:-1]}z")

    assert "newest=" not in " ".join(attributes(answer, "hx-get"))


@pytest.mark.parametrize("query", ["watch=nonsense", "newest=nonsense", "colour=red"])
def test_a_question_that_makes_no_sense_is_refused(signed_in, query):
    answer = signed_in().get(f"/executions/_live?{query}", headers={"HX-Request": "true"})

    assert answer.status_code == 400
