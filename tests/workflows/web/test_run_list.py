"""The list of runs: one sentence each, filters in the address, a page at a time."""

import pytest

from tests.fixtures.engine import TESTER
from tests.fixtures.pages import attributes, words
from workflows import runs

ASK = {"approval": {"message": "May I?"}}
DECLINE = {"action": "probe-decline", "params": {}}
ECHO = {"action": "probe-echo", "params": {"value": 1}}


def rows_in(answer) -> list[str]:
    return [name for name in attributes(answer, "id") if name.startswith("row-")]


def test_each_run_says_how_it_stands_and_who_asked(signed_in, stage):
    stage.start({"card": DECLINE}, workflow="charging")
    stage.start({"ask": ASK}, workflow="asking")

    text = words(signed_in("viewer").get("/runs"))

    assert "Step card failed at attempt 1: The card was declined." in text
    assert "Waits for an answer at ask: May I?" in text
    assert "tester" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [("status=failed", 1), ("workflow=asking", 1), ("since=-1h", 2), ("status=succeeded", 0)],
)
def test_the_address_filters(signed_in, stage, query, found):
    stage.start({"card": DECLINE}, workflow="charging")
    stage.start({"ask": ASK}, workflow="asking")

    answer = signed_in().get(f"/runs?{query}")

    assert len(rows_in(answer)) == found
    assert ("No run matches" in words(answer)) == (found == 0)


@pytest.mark.parametrize("query", ["colour=red", "status=lost", "since=yesterday", "from=7"])
def test_a_filter_that_makes_no_sense_is_refused_in_words(signed_in, query):
    assert signed_in().get(f"/runs?{query}").status_code == 400


def test_the_list_goes_on_where_the_page_ends(signed_in, stage):
    version = stage.publish({"one": ECHO})
    for _ in range(51):
        runs.start(version=version, params={}, by=TESTER)
    client = signed_in()

    first = client.get("/runs")
    following = first.context["page"].following
    second = client.get(following)

    assert len(rows_in(first)) == 50
    assert len(rows_in(second)) == 1
    assert not set(rows_in(first)) & set(rows_in(second))


def test_without_runs_the_page_says_how_to_begin(signed_in, engine):
    assert "Nothing has run yet" in words(signed_in().get("/runs"))
