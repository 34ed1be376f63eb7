"""The list of executions: filters in the address, pages, empty states."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions import executions
from actions.actors import SYSTEM, Actor
from actions.models.execution import reads
from actions.web import bounds
from actions.web.executions import listing
from tests.fixtures.engine import TESTER
from tests.fixtures.pages import attributes, words

MAX_QUERIES = 12


def ids_on(answer) -> list[str]:
    return [name.removeprefix("row-") for name in attributes(answer, "id") if "row-exec" in name]


def test_a_row_says_what_for_whom_and_how_it_went(signed_in, engine):
    engine.run("probe-decline")
    engine.run("create-user-record", email="ada@example.com", name="Ada")

    answer = signed_in("viewer").get("/executions")

    text = words(answer)
    assert answer.status_code == 200
    assert "probe-decline The card was declined." in text
    assert "create-user-record ada@example.com" in text
    assert "2 match. Newest first" in text


def test_what_the_engine_asks_for_itself_is_not_listed(signed_in, engine):
    executions.submit(action="actionsite.deadline", params={"run": "run_1"}, by=SYSTEM)

    answer = signed_in("admin").get("/executions")

    assert ids_on(answer) == []
    assert "actionsite.deadline" not in words(answer)


def test_a_step_was_asked_for_by_its_workflow(signed_in, engine):
    of_a_run = Actor(kind="run", id="run_1", label="process-new-user (run_1)")
    executions.submit(action="probe-nothing", params={}, by=of_a_run)

    assert "process-new-user " in words(signed_in().get("/executions"))
    assert "run_1" not in words(signed_in().get("/executions"))


def test_the_newest_execution_stands_first(signed_in, engine):
    first, second = engine.submit("probe-nothing"), engine.submit("probe-nothing")

    answer = signed_in().get("/executions")

    assert ids_on(answer) == [second.shown_id, first.shown_id]


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("status=failed", True),
        ("status=failed,running", True),
        ("status=succeeded", False),
        ("action=probe-decline", True),
        ("error_code=card_declined", True),
        ("error_code=timeout", False),
        ("q=card_declined", True),
        ("q=the-key", True),
        ("key=the-key", True),
        ("q=nowhere", False),
        ("actor=tester", True),
        ("error=declined", True),
        ("error=card_declined+the", True),
        ("error=smtp", False),
        ("params.name=x", False),
        ("worker=nobody:1", False),
        ("since=2000-01-01T00:00:00Z", True),
        ("until=2000-01-01T00:00:00Z", False),
    ],
)
def test_each_filter_of_the_address_decides_what_is_shown(signed_in, engine, query, is_found):
    execution = engine.submit("probe-decline", key="the-key")
    engine.drain()

    answer = signed_in().get(f"/executions?{query}")

    assert ids_on(answer) == ([execution.shown_id] if is_found else [])


def test_a_search_finds_an_id_and_the_exact_value_of_a_param(signed_in, engine):
    execution = engine.submit("probe-mark", name="usr_12345")
    client = signed_in()

    by_id = client.get("/executions", {"q": execution.shown_id})
    by_value = client.get("/executions", {"q": "usr_12345"})

    assert ids_on(by_id) == ids_on(by_value) == [execution.shown_id]


def test_a_filter_nobody_knows_is_named_and_nothing_is_listed(signed_in):
    answer = signed_in().get("/executions?colour=red&status=broken")

    text = words(answer)
    assert answer.status_code == 400
    assert "There is no filter 'colour'" in text
    assert "There is no status 'broken'" in text


def test_a_chip_for_each_filter_leads_to_the_list_without_it(signed_in):
    answer = signed_in().get("/executions?status=failed&q=usr_1")

    text = words(answer)
    assert "state failed" in text
    assert "mentions usr_1" in text
    assert "/executions?q=usr_1" in attributes(answer, "href")
    assert "/executions?status=failed" in attributes(answer, "href")


def test_a_param_is_found_by_its_path_and_value(signed_in, engine):
    execution = engine.submit("probe-mark", name="usr_12345")
    engine.submit("probe-echo", value="usr_12345")

    answer = signed_in().get("/executions?params.name=usr_12345")

    assert ids_on(answer) == [execution.shown_id]
    assert "name usr_12345" in words(answer)
    assert (
        "curl 'http://testserver/api/v1/executions?params.name=usr_12345'" in answer.context["curl"]
    )


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ("q=params.userId%3Dusr_1", "params.userId=usr_1"),
        (
            "status=failed&q=params.userId%3Dusr_1+needle",
            "status=failed&q=needle&params.userId=usr_1",
        ),
        ("q=needle&q=error%3DSMTP", "q=needle&error=SMTP"),
        ("q=needle&q=pin+error%3DSMTP", "q=pin&error=SMTP"),
        ("q=error%3D%22not+there%22", "error=not+there"),
    ],
)
def test_a_filter_typed_into_the_search_box_becomes_one(signed_in, asked, address):
    answer = signed_in().get(f"/executions?{asked}")

    assert (answer.status_code, answer["Location"]) == (302, f"/executions?{address}")


def test_another_search_keeps_the_filters_and_an_empty_one_the_text(signed_in, engine):
    answer = signed_in().get("/executions?params.a=1&params.b=2&q=needle&q=")

    assert answer.context["query"].pairs() == [
        ("params.a", "1"),
        ("params.b", "2"),
        ("q", "needle"),
    ]
    assert "/executions?params.b=2&amp;q=needle" in attributes(answer, "href")


def test_counts_that_stopped_have_a_plus(signed_in, engine, monkeypatch):
    monkeypatch.setattr(reads, "NEARBY", 1)
    monkeypatch.setattr(reads, "CAP", 2)
    for _ in range(4):
        engine.submit("probe-nothing")

    answer = signed_in().get("/executions")

    counts = {each.value: each.count for each in answer.context["facets"][0].choices}
    assert counts["queued"] == "3+"
    assert "+ match. Newest" in words(answer)


def test_a_facet_counts_what_the_other_filters_leave(signed_in, engine):
    engine.run("probe-decline")
    engine.run("probe-nothing")

    answer = signed_in().get("/executions?action=probe-nothing")

    facets = {each.name: each for each in answer.context["facets"]}
    states = {each.value: each.count for each in facets["status"].choices}
    actions = {each.value: each.count for each in facets["action"].choices}
    assert (states["succeeded"], states["failed"]) == ("1", "0")
    assert actions == {"probe-decline": "1", "probe-nothing": "1"}


def test_a_click_on_a_facet_that_is_on_takes_it_away(signed_in):
    answer = signed_in().get("/executions?status=failed,running")

    facet = answer.context["facets"][0]
    links = {each.value: each.href for each in facet.choices}
    assert links["failed"] == "/executions?status=running"
    assert links["queued"] == "/executions?status=failed%2Crunning%2Cqueued"


def test_pages_follow_one_another_without_gap_or_repeat(signed_in, engine, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    made = [engine.submit("probe-nothing").shown_id for _ in range(5)]
    client = signed_in()

    first = client.get("/executions")
    second = client.get(first.context["page"].older)
    third = client.get(second.context["page"].older)
    back = client.get(third.context["page"].newer)

    assert ids_on(first) + ids_on(second) + ids_on(third) == made[::-1]
    assert ids_on(back) == ids_on(second)
    assert third.context["page"].older == ""
    assert first.context["page"].newer == ""


def test_a_place_that_is_no_id_is_refused_in_words(signed_in):
    answer = signed_in().get("/executions?before=yesterday")

    assert answer.status_code == 400
    assert "does not begin with exec_" in words(answer)


def test_an_empty_site_shows_how_to_send_the_first_request(signed_in, engine):
    answer = signed_in().get("/executions")

    text = words(answer)
    assert "Nothing has been executed yet" in text
    assert "curl -X POST http://testserver/api/v1/actions/create-invoice/executions" in text


def test_filters_that_match_nothing_offer_to_be_cleared(signed_in, engine):
    engine.submit("probe-nothing")

    answer = signed_in().get("/executions?q=nothing-like-it")

    assert "No execution matches these filters" in words(answer)
    assert "/executions" in attributes(answer, "href")


def test_times_of_the_form_are_read_in_the_readers_zone(signed_in):
    client = signed_in()
    client.cookies["zone"] = "Europe/Sofia"

    answer = client.get("/executions?since_local=2026-11-22T04:15&until_local=&status=failed")

    assert answer["Location"] == "/executions?status=failed&since=2026-11-22T04%3A15%3A00%2B02%3A00"


def test_a_list_that_takes_too_long_asks_to_be_narrowed(signed_in, engine, monkeypatch):
    def sleep(*_args, **_kwargs):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr(bounds.bounded_reads, "__kwdefaults__", None)
    monkeypatch.setattr(listing, "bounded_reads", lambda: bounds.bounded_reads(20))
    monkeypatch.setattr(listing, "_page", sleep)

    answer = signed_in().get("/executions")

    assert answer.status_code == 503
    assert "Narrow it" in words(answer)


def test_the_list_needs_few_queries_however_long_it_is(signed_in, engine):
    for _ in range(30):
        executions.submit(action="probe-nothing", params={}, by=TESTER)
    client = signed_in()

    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/executions?status=queued")

    assert len(ids_on(answer)) == 30
    assert len(queries) <= MAX_QUERIES


def test_a_hostile_param_and_message_are_shown_as_text(signed_in, engine):
    engine.submit("probe-mark", key='"><script>1</script>', name="<script>alert(1)</script>")

    answer = signed_in().get('/executions?q="><script>1</script>')

    assert b"<script>alert(1)" not in answer.content
    assert b"<script>1" not in answer.content
    assert "<script>alert(1)</script>" in words(answer)


def test_a_recent_range_is_a_moment_in_the_link(signed_in):
    answer = signed_in().get("/executions")

    hour = next(each for each in answer.context["ranges"] if each.value == "Last hour")
    since = (timezone.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H")
    assert hour.href.startswith(f"/executions?since={since}".replace(":", "%3A"))


def test_fields_that_were_left_empty_are_no_filters_and_an_empty_param_is_refused(signed_in):
    client = signed_in()

    assert client.get("/executions?q=&status=&since=%20").status_code == 200
    assert client.get("/executions?params.userId=").status_code == 400
