"""The fragment that keeps the page of an execution fresh."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from actions.models import Execution
from tests.fixtures.pages import attributes, words


def live_url(execution: Execution) -> str:
    return f"/executions/{execution.shown_id}/_live"


def test_what_may_still_change_asks_for_itself_with_the_tag_it_shows(signed_in, engine):
    execution = engine.submit("probe-nothing")

    page = signed_in().get(f"/executions/{execution.shown_id}")

    assert live_url(execution) in attributes(page, "hx-get")
    assert attributes(page, "hx-ptag") == [page.context["tag"]]


def test_what_has_ended_asks_no_more(signed_in, engine):
    execution = engine.run("probe-nothing")
    client = signed_in()

    page = client.get(f"/executions/{execution.shown_id}")
    fragment = client.get(live_url(execution))

    for answer in (page, fragment):
        assert attributes(answer, "hx-trigger") == []
        assert live_url(execution) not in attributes(answer, "hx-get")


def test_an_unchanged_execution_is_answered_without_a_body(signed_in, engine):
    execution = engine.submit("probe-nothing")
    client = signed_in()
    tag = client.get(live_url(execution))["HX-PTag"]

    with CaptureQueriesContext(connection) as queries:
        answer = client.get(live_url(execution), headers={"HX-PTag": tag})

    assert (answer.status_code, answer.content) == (304, b"")
    # Session, user and role; the execution, and why it waits.
    assert len(queries) <= 6


def test_a_change_brings_the_new_state_and_a_new_tag(signed_in, engine):
    execution = engine.submit("probe-nothing")
    client = signed_in()
    tag = client.get(live_url(execution))["HX-PTag"]
    engine.drain()

    answer = client.get(live_url(execution), headers={"HX-PTag": tag})

    assert answer.status_code == 200
    assert answer["HX-PTag"] != tag
    assert "probe-nothing succeeded" in words(answer)


def test_the_fragment_is_a_fragment_and_says_aloud_what_it_became(signed_in, engine):
    execution = engine.run("probe-decline")

    answer = signed_in().get(live_url(execution))

    assert b"<html" not in answer.content
    said = attributes(answer, "data-announce")
    assert said == [f"{execution.shown_id}: probe-decline failed: The card was declined."]


def test_the_level_of_the_log_stays_over_a_refresh(signed_in, engine):
    execution = engine.submit("probe-nothing")

    page = signed_in().get(f"/executions/{execution.shown_id}?level=errors")

    assert f"{live_url(execution)}?level=errors" in attributes(page, "hx-get")
