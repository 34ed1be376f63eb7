"""The page of one execution: its sentence, its evidence, and what the reader may press."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actions import errors, executions
from actions.actors import Actor
from actions.models import Action, Execution
from tests.fixtures.engine import TESTER
from tests.fixtures.pages import attributes, words

MAX_QUERIES = 12
OTHER = Actor(kind="api_key", id="7", label="crm", request_id="req_other")


def url_of(execution: Execution) -> str:
    return f"/executions/{execution.shown_id}"


def test_a_failure_says_in_one_sentence_what_failed_and_why(signed_in, engine):
    execution = engine.run("probe-decline")

    answer = signed_in("viewer").get(url_of(execution))

    text = words(answer)
    assert answer.status_code == 200
    assert str(answer.context["sentence"]) == "probe-decline failed: The card was declined."
    assert "card_declined not retriable, outcome known" in text
    assert "Gave up" in text
    assert '"limit"' in text


def test_a_success_shows_its_result_and_that_it_was_committed_once(signed_in, engine):
    execution = engine.run("probe-mark", name="one")

    text = words(signed_in().get(url_of(execution)))

    assert "and was committed once" in text
    assert "Committed once" in text
    assert 'name "one"' in text


def test_each_attempt_says_what_happened_next(signed_in, engine):
    execution = engine.run("probe-flaky", name="one", fail_times=1)

    text = words(signed_in().get(url_of(execution)))

    assert "Waited 0.1 s" in text
    assert "1 of 3" in text
    assert "trying attempt=1" in text


def test_the_log_can_be_read_for_errors_alone(signed_in, engine):
    execution = engine.run("probe-flaky", name="one", fail_times=0)

    text = words(signed_in().get(f"{url_of(execution)}?level=errors"))

    assert "No warnings and no errors among the 1 lines." in text


def test_a_line_of_the_log_has_an_address_of_its_own(signed_in, engine):
    execution = engine.run("probe-flaky", name="one", fail_times=0)

    answer = signed_in().get(url_of(execution))

    assert "L1" in attributes(answer, "id")
    assert "#L1" in attributes(answer, "href")


def test_every_call_with_the_key_is_told_with_its_answer(signed_in, engine):
    execution = engine.submit("probe-echo", key="k-1", value=1)
    again = {"action": "probe-echo", "key": "k-1", "by": OTHER}
    executions.submit(params={"value": 1}, **again)
    engine.drain()
    executions.submit(params={"value": 1}, **again)
    with pytest.raises(errors.IdempotencyKeyReused):
        executions.submit(params={"value": 2}, **again)

    text = words(signed_in().get(url_of(execution)))

    assert "Called 4 times with this key: 1 executed, 1 attached, 1 replayed, 1 refused." in text
    assert "crm refused, 422" in text
    assert "Other params: /value" in text


def test_a_request_without_a_key_is_said_to_have_none(signed_in, engine):
    execution = engine.submit("probe-nothing")

    assert "Sent without a key" in words(signed_in().get(url_of(execution)))


def test_a_rerun_and_what_it_was_made_from_lead_to_each_other(signed_in, engine):
    old = engine.run("probe-decline")
    new = executions.rerun(execution_id=old.id, by=TESTER)
    client = signed_in()

    assert url_of(new) in attributes(client.get(url_of(old)), "href")
    assert url_of(old) in attributes(client.get(url_of(new)), "href")


def test_failures_with_the_same_code_are_counted_and_linked(signed_in, engine):
    engine.run("probe-decline")
    execution = engine.run("probe-decline")

    answer = signed_in().get(url_of(execution))

    link = "/executions?status=failed&amp;action=probe-decline&amp;error_code=card_declined"
    assert "2 executions failed with this code" in words(answer)
    assert link in attributes(answer, "href")


def test_a_viewer_is_offered_nothing_to_press(signed_in, engine):
    execution = engine.run("probe-decline")

    answer = signed_in("viewer").get(url_of(execution))

    assert "Re-run…" not in words(answer)
    assert "Cancel…" not in words(answer)


def test_what_has_ended_can_be_rerun_and_not_cancelled(signed_in, engine):
    execution = engine.run("probe-decline")

    answer = signed_in("operator").get(url_of(execution))

    assert f"{url_of(execution)}/rerun" in attributes(answer, "href")
    assert "Cancel…" not in words(answer)


def test_what_is_queued_can_be_cancelled_and_says_why_not_rerun(signed_in, engine):
    execution = engine.submit("probe-nothing")

    answer = signed_in("operator").get(url_of(execution))

    assert f"{url_of(execution)}/cancel" in attributes(answer, "href")
    assert f"{url_of(execution)}/rerun" not in attributes(answer, "href")
    assert "It is queued: cancel it, or wait until it has ended." in words(answer)


def test_a_disabled_action_says_why_it_cannot_be_rerun(signed_in, engine):
    execution = engine.run("probe-decline")
    Action.objects.filter(name="probe-decline").update(
        is_enabled=False, disabled_note="The bank is down."
    )

    answer = signed_in("operator").get(url_of(execution))

    assert "The action is disabled. The bank is down." in words(answer)
    assert f"{url_of(execution)}/rerun" not in attributes(answer, "href")


def test_an_execution_that_waits_for_others_says_how_many(signed_in, engine):
    engine.submit("probe-nothing")
    execution = engine.submit("probe-nothing")

    text = words(signed_in().get(url_of(execution)))

    assert "1 is ahead of it; the only worker of the queue default is busy." in text


def test_without_a_living_worker_it_says_so_and_what_to_do(signed_in, engine):
    execution = engine.submit("probe-nothing")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE actions_worker SET lease_until = now() - interval '1 hour'")

    text = words(signed_in().get(url_of(execution)))

    assert "No worker is alive" in text
    assert "manage.py qcluster" in text


def test_secrets_among_the_params_never_reach_the_page(signed_in, engine):
    execution = engine.submit("probe-echo", value={"password": "hunter2-canary", "user": "ada"})

    answer = signed_in("admin").get(url_of(execution))

    assert b"hunter2-canary" not in answer.content
    assert "••••••" in words(answer)


def test_hostile_params_and_keys_are_shown_as_text(signed_in, engine):
    hostile = '"><img src=x onerror=alert(1)>'
    execution = engine.submit("probe-echo", key='"><u>', value={hostile: [hostile]})

    answer = signed_in().get(url_of(execution))

    assert b"<img" not in answer.content
    assert b'"><u>' not in answer.content
    assert "<img src=x onerror=alert(1)>" in words(answer)


def test_a_large_result_is_cut_and_its_size_is_told(signed_in, engine):
    execution = engine.run("probe-echo", value="x" * 200_000)

    answer = signed_in().get(url_of(execution))

    assert "in all. Read it whole over the API." in words(answer)
    assert len(answer.content) < 300_000


def test_the_page_needs_few_queries_however_much_there_is(signed_in, engine):
    execution = engine.submit("probe-echo", key="k", value=1)
    engine.drain()
    for _ in range(20):
        executions.submit(action="probe-echo", params={"value": 1}, key="k", by=TESTER)
    client = signed_in()

    with CaptureQueriesContext(connection) as queries:
        client.get(url_of(execution))

    assert len(queries) <= MAX_QUERIES


def test_the_command_for_programs_names_the_execution_and_no_key(signed_in, engine):
    execution = engine.submit("probe-nothing")

    text = words(signed_in().get(url_of(execution)))

    assert f"curl http://testserver/api/v1/executions/{execution.shown_id}" in text
    assert "Bearer $API_KEY" in text
