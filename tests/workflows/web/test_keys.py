"""The pages of idempotency keys show those of runs as they show those of executions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actions import access
from actions.executions import holders
from actions.filters import KeyFilters
from actions.models import idempotency
from actions.web import lists
from tests.fixtures.key_pages import keys_on, record, release, url_of
from tests.fixtures.pages import attributes, words
from tests.workflows.web.conftest import ECHO, start


def test_a_row_shows_the_run_its_workflow_and_its_counts(signed_in, used_key):
    answer = signed_in("viewer").get("/idempotency")

    text = words(answer)
    assert keys_on(answer) == ["order-1"]
    assert "finished order-1" in text
    assert "succeeded under-test, a run" in text
    assert "3 replayed" in text
    assert "1 refused" in text
    assert f"/runs/{used_key.shown_id}" in attributes(answer, "href")


def test_keys_of_runs_and_of_executions_stand_in_one_list_in_each_state(
    signed_in, keys_in_every_state
):
    answer = signed_in().get("/idempotency")

    assert {row.record.key: row.words for row in answer.context["rows"]} == keys_in_every_state
    assert keys_on(answer) == list(keys_in_every_state)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=in_use", ["of-execution", "pressed", "in-use"]),
        ("state=finished", ["finished"]),
        ("state=expired", ["expired"]),
        ("state=released", ["released"]),
        ("state=released,in_use&kind=workflow", ["in-use", "released"]),
        ("status=paused", ["pressed", "in-use"]),
        ("status=paused,queued", ["of-execution", "pressed", "in-use"]),
        ("status=succeeded&state=expired", ["expired"]),
        ("name=asking", ["pressed", "in-use"]),
        ("name=asking,probe-nothing&kind=workflow,action", ["of-execution", "in-use"]),
        ("kind=workflow", ["in-use", "released", "expired", "finished"]),
        ("kind=command", ["pressed"]),
        ("key=expired", ["expired"]),
        ("name=nowhere", []),
    ],
)
def test_each_filter_finds_the_keys_of_runs(signed_in, keys_in_every_state, query, found):
    answer = signed_in().get(f"/idempotency?{query}")

    assert keys_on(answer) == found


@pytest.mark.parametrize("query", ["", "state=in_use,finished,released,expired", "name=asking"])
def test_what_is_not_near_the_place_is_found_as_well(
    signed_in, keys_in_every_state, monkeypatch, query
):
    client = signed_in()
    whole = keys_on(client.get(f"/idempotency?{query}"))

    monkeypatch.setattr(idempotency, "NEARBY", 1)

    assert keys_on(client.get(f"/idempotency?{query}")) == whole != []


def test_a_status_that_neither_runs_nor_executions_have_is_refused(signed_in, engine):
    answer = signed_in().get("/idempotency?status=lost")

    assert answer.status_code == 400
    assert "retrying, succeeded, failed, cancelled, waiting, paused, cancelling" in words(answer)


def test_the_pages_of_a_mixed_list_follow_one_another(signed_in, stage, monkeypatch):
    monkeypatch.setattr(lists, "PAGE_SIZE", 2)
    stage.publish(ECHO)
    for number in range(3):
        start(f"run-{number}")
        stage.engine.submit("probe-nothing", key=f"exec-{number}")
    client = signed_in()

    seen, url = [], "/idempotency?state=in_use"
    while url:
        answer = client.get(url)
        seen.append(keys_on(answer))
        url = answer.context["page"].following

    assert seen == [["exec-2", "run-2"], ["exec-1", "run-1"], ["exec-0", "run-0"]]


def test_the_list_needs_no_query_for_the_key_of_a_run(signed_in, stage):
    stage.publish(ECHO)
    client = signed_in()
    client.get("/idempotency")
    counts = []
    for batch in range(2):
        for number in range(1 + 20 * batch):
            start(f"k{batch}-{number}")
        with CaptureQueriesContext(connection) as queries:
            client.get("/idempotency?state=in_use&name=under-test")
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 13


def test_a_key_tells_each_caller_what_was_answered_from_the_log_of_its_run(signed_in, used_key):
    answer = signed_in("viewer").get(url_of("order-1"))

    text = words(answer)
    assert "order-1 was run once, answered three times from the record" in text
    assert "refused once because other params came with it" in text
    assert "refused, 422 Other params: /n ada req_ada" in text
    assert [call.answer for call in answer.context["calls"]] == [
        "refused, 422",
        "replayed",
        "replayed",
        "attached",
        "executed",
    ]
    assert "Runs under this key" in text
    assert {f"/runs/{used_key.shown_id}", "/workflows/under-test"} <= set(
        attributes(answer, "href")
    )
    assert "idempotency-keys?kind=workflow&name=under-test" in answer.context["curl"]


def test_the_calls_of_a_key_come_in_pages_across_its_runs(signed_in, used_key, monkeypatch):
    release(signed_in(), "order-1")
    start("order-1", n=2)
    monkeypatch.setattr(lists, "PAGE_SIZE", 3)
    client = signed_in()

    seen, url = [], url_of("order-1")
    while url:
        answer = client.get(url)
        seen.append([call.answer for call in answer.context["calls"]])
        url = answer.context["page"].following

    assert seen == [
        ["executed", "released", "refused, 422"],
        ["replayed", "replayed", "attached"],
        ["executed"],
    ]
    assert client.get(f"{url_of('order-1')}?from=exec_x.2").status_code == 400


def test_the_key_of_a_command_to_a_run_says_so(signed_in, keys_in_every_state):
    answer = signed_in().get(url_of("pressed"))

    shown_id = record("in-use").shown_holder
    assert f"pressed is the key of a command to {shown_id}." in words(answer)
    assert f"/runs/{shown_id}" in attributes(answer, "href")


def test_the_page_of_a_run_leads_to_its_key(signed_in, used_key):
    client = signed_in()
    links = attributes(client.get(f"/runs/{used_key.shown_id}"), "href")

    (link,) = [link for link in links if link.startswith("/idempotency?")]

    assert keys_on(client.get(link.replace("&amp;", "&"))) == ["order-1"]


def test_without_the_right_to_read_runs_their_keys_are_not_shown(
    signed_in, keys_in_every_state, monkeypatch
):
    monkeypatch.setitem(access.ROLES, "narrow", frozenset({"executions:read", "executions:write"}))
    client = signed_in("narrow")

    refused = client.get(url_of("finished"))

    assert keys_on(client.get("/idempotency")) == ["of-execution"]
    assert refused.status_code == 403
    assert "it needs the right runs:read" in words(refused)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("ask*", ["pressed", "in-use"]), ("probe-*", ["of-execution"]), ("other-*", [])],
)
def test_name_patterns_bound_the_keys_of_both(keys_in_every_state, pattern, found):
    listed = holders.page(KeyFilters(), within=holders.tables(), patterns=(pattern,), limit=10)

    assert [one.key for one in listed] == found
