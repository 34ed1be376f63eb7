"""The pages of idempotency keys: what each stands for, who sent it, and its release."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions import executions
from actions.actors import Actor
from actions.errors import IdempotencyKeyReused
from actions.models import AuditEvent, Execution, ExecutionEvent, IdempotencyRecord
from actions.web import lists
from tests.fixtures.engine import TESTER
from tests.fixtures.key_pages import keys_on, record, release, url_of
from tests.fixtures.pages import attributes, words

ADA = Actor(kind="user", id="7", label="ada", request_id="req_ada")


@pytest.fixture
def used(engine):
    """A key that was executed once, replayed twice, and refused once."""
    first = engine.submit("probe-echo", key="order-1", value=1)
    engine.drain()
    for _ in range(2):
        executions.submit(action="probe-echo", params={"value": 1}, by=ADA, key="order-1")
    with pytest.raises(IdempotencyKeyReused):
        executions.submit(action="probe-echo", params={"value": 2}, by=ADA, key="order-1")
    return first


def test_a_row_counts_what_was_replayed_and_what_refused(signed_in, used):
    answer = signed_in("viewer").get("/idempotency")

    text = words(answer)
    assert answer.status_code == 200
    assert keys_on(answer) == ["order-1"]
    assert "finished order-1" in text
    assert "2 replayed" in text
    assert "1 refused" in text
    assert f"/executions/{used.shown_id}" in attributes(answer, "href")


def test_a_key_tells_each_caller_with_request_and_differing_fields(signed_in, used):
    answer = signed_in("viewer").get(url_of("order-1"))

    text = words(answer)
    assert "order-1 was executed once, answered twice from the record" in text
    assert "refused once because other params came with it" in text
    assert "refused, 422 Other params: /value ada req_ada" in text
    assert [call.answer for call in answer.context["calls"]] == [
        "refused, 422",
        "replayed",
        "replayed",
        "executed",
    ]
    assert used.shown_id in text
    assert "idempotency-keys?kind=action&name=probe-echo&key=order-1" in answer.context["curl"]


@pytest.fixture
def every_state(engine) -> dict[str, str]:
    """One key in each state."""
    for key in ("finished", "expired", "released"):
        engine.submit("probe-echo", key=key, value=1)
    engine.drain()
    engine.submit("probe-nothing", key="in-use")
    past = timezone.now() - timedelta(days=1)
    IdempotencyRecord.objects.filter(key="expired").update(expires_at=past)
    executions.release(record("released"), by=TESTER)
    return {
        "in-use": "in use",
        "finished": "finished",
        "expired": "expired",
        "released": "released",
    }


def test_each_state_has_its_word(signed_in, every_state):
    answer = signed_in().get("/idempotency")

    assert {row.record.key: row.words for row in answer.context["rows"]} == every_state


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=in_use", ["in-use"]),
        ("state=finished", ["finished"]),
        ("state=expired", ["expired"]),
        ("state=released", ["released"]),
        ("state=released,in_use", ["in-use", "released"]),
        ("status=queued", ["in-use"]),
        ("key=expired", ["expired"]),
        ("key=expire", []),
        ("name=probe-nothing", ["in-use"]),
        ("kind=command", []),
        ("kind=action&state=&status=succeeded&key=", ["released", "expired", "finished"]),
    ],
)
def test_each_filter_decides_what_is_shown(signed_in, every_state, query, found):
    answer = signed_in().get(f"/idempotency?{query}")

    assert keys_on(answer) == found
    assert found or "No key matches these filters" in words(answer)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("colour=red", "There is no filter 'colour'"),
        ("state=lost", "There is no state 'lost'"),
        ("from=yesterday", "The list cannot begin from 'yesterday'."),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_way_back(signed_in, query, told):
    answer = signed_in().get(f"/idempotency?{query}")

    assert answer.status_code == 400
    assert told in words(answer)
    assert "/idempotency" in attributes(answer, "href")


def test_pages_follow_one_another_and_keep_the_filters(signed_in, engine, monkeypatch):
    monkeypatch.setattr(lists, "PAGE_SIZE", 2)
    for number in range(5):
        engine.submit("probe-nothing", key=f"k{number}")
    client = signed_in()

    seen, url = [], "/idempotency?status=queued"
    while url:
        answer = client.get(url)
        seen.append(keys_on(answer))
        url = answer.context["page"].following

    assert seen == [["k4", "k3"], ["k2", "k1"], ["k0"]]
    assert answer.context["page"].first == "/idempotency?status=queued"


def test_the_calls_of_a_key_come_in_pages_across_its_generations(signed_in, used, monkeypatch):
    release(signed_in(), "order-1")
    executions.submit(action="probe-echo", params={"value": 2}, by=ADA, key="order-1")
    monkeypatch.setattr(lists, "PAGE_SIZE", 2)
    client = signed_in()

    seen, url = [], url_of("order-1")
    while url:
        answer = client.get(url)
        seen.append([call.answer for call in answer.context["calls"]])
        url = answer.context["page"].following

    assert seen == [
        ["executed", "released"],
        ["refused, 422", "replayed"],
        ["replayed", "executed"],
    ]
    assert len(answer.context["held"]) == 2
    assert client.get(f"{url_of('order-1')}?from=exec_x.2").status_code == 400


def test_an_empty_site_says_what_a_key_is_for(signed_in, engine):
    assert "No key has been sent yet" in words(signed_in().get("/idempotency"))


def test_the_list_needs_no_query_for_a_row(signed_in, engine):
    client = signed_in()
    client.get("/idempotency")
    counts = []
    for batch in range(2):
        for number in range(1 + 20 * batch):
            engine.submit("probe-nothing", key=f"k{batch}-{number}")
        with CaptureQueriesContext(connection) as queries:
            client.get("/idempotency?state=in_use")
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 12


def test_a_released_key_executes_anew_and_says_who_and_why(signed_in, engine, used):
    client = signed_in()

    answer = release(client, "order-1", reason="sent by mistake\x00")
    text = words(client.get(answer["Location"]))
    second = executions.submit(action="probe-echo", params={"value": 2}, by=ADA, key="order-1")

    assert answer["Location"] == url_of("order-1")
    assert "Released: the next request with this key executes anew." in text
    assert "released “sent by mistake” the-operator" in text
    assert second.execution.id != used.id
    event = AuditEvent.objects.get(verb="idempotency_key.released")
    assert (event.actor_label, event.data["reason"]) == ("the-operator", "sent by mistake")
    assert "generation 2" in words(client.get(url_of("order-1")))


def test_the_question_is_a_page_and_for_htmx_a_dialog(signed_in, used):
    client = signed_in()

    page = client.get(f"{url_of('order-1')}/release")
    dialog = client.get(f"{url_of('order-1')}/release", headers={"HX-Request": "true"})

    assert "The next request with this key executes anew, whatever its params." in words(page)
    assert dialog.content.decode().lstrip().startswith("<dialog")


def test_the_key_of_what_has_not_ended_is_not_released(signed_in, engine):
    engine.submit("probe-nothing", key="busy")
    client = signed_in()

    question = client.get(f"{url_of('busy')}/release")
    answer = release(client, "busy")

    assert "is queued: cancel it, or wait for its end." in words(question)
    assert (answer.status_code, record("busy").expires_at) == (409, None)
    assert "before the key is released" in words(answer)


def test_a_key_that_is_free_already_is_not_released_again(signed_in, used):
    client = signed_in()
    release(client, "order-1")

    answer = release(client, "order-1")

    assert answer.status_code == 404
    assert "The key is free already" in words(answer)
    assert ExecutionEvent.objects.filter(type="key_released").count() == 1


def test_a_release_is_only_of_what_the_reader_saw(signed_in, engine, used):
    old = used.shown_id
    client = signed_in()
    release(client, "order-1")
    executions.submit(action="probe-echo", params={"value": 2}, by=ADA, key="order-1")
    engine.drain()

    answer = client.post(f"{url_of('order-1')}/release", {"about": old})

    assert answer.status_code == 409
    assert "by now. Look at it, and ask again." in words(answer)
    assert record("order-1").expires_at > timezone.now()


def test_a_viewer_sees_no_button(signed_in, used):
    answer = signed_in("viewer").get(url_of("order-1"))

    assert "Release…" not in words(answer)


def test_the_key_of_a_rerun_says_that_it_is_of_a_command(signed_in, engine, used):
    executions.rerun(execution_id=used.id, by=TESTER, key="form-1")

    answer = signed_in().get(url_of("form-1"))

    assert f"form-1 is the key of a command to {used.shown_id}." in words(answer)
    assert Execution.objects.get(rerun_of=used).shown_id in words(answer)


def test_the_key_of_a_command_tells_of_its_repeats_and_no_other_key_does(signed_in, engine, used):
    wish = {"execution_id": used.id, "by": TESTER, "key": "form-1"}
    new, _ = (executions.rerun(**wish) for _ in range(2))
    with pytest.raises(IdempotencyKeyReused):
        executions.rerun(reason="other", **wish)
    client = signed_in()

    told = client.get(url_of("form-1"))
    of_execution = client.get(f"/executions/{new.shown_id}")

    assert "answered once from the record, refused once because something else came" in words(told)
    assert [call.answer for call in told.context["calls"]] == ["refused, 422", "replayed"]
    assert of_execution.context["record"].calls.counts == {"executed": 1}


def test_a_key_that_is_not_there_is_not_found(signed_in):
    answer = signed_in().get("/idempotency/123")

    assert answer.status_code == 404
    assert "There is no idempotency key with the number 123." in words(answer)


def test_a_hostile_key_is_shown_as_text(signed_in, engine):
    engine.submit("probe-nothing", key="<script>alert(1)</script>")
    client = signed_in()

    answers = [client.get("/idempotency?key=<script>2"), client.get("/idempotency")]
    answers.append(client.get(url_of("<script>alert(1)</script>")))

    assert not any(b"<script>alert" in one.content for one in answers)
    assert not any(b"<script>2" in one.content for one in answers)
