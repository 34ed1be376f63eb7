"""Executions are found by every filter, near the newest and far from it, and by nothing secret."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from actions.filters import ExecutionFilters
from actions.models import Attempt, Execution
from actions.models.execution import reads


def found(**query: str) -> list[Execution]:
    """What a list with these filters shows; `__` stands for a dot."""
    filters = {name.replace("__", "."): [text] for name, text in query.items()}
    return Execution.objects.page(ExecutionFilters.parse(filters), limit=50)


@pytest.fixture
def far_away(monkeypatch) -> None:
    """Let all but the newest row be beyond what a list looks through."""
    monkeypatch.setattr(reads, "NEARBY", 1)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("value.userId", "usr_12345"),
        ("value.items.1.sku", "B"),
        ("value.amount", "4200"),
        ("value.rate", "1.5"),
        ("value.isTrial", "true"),
        ("value.note", "null"),
        ("value.letter", "x" * 1_000),
        ("value.name", "<script>'; DROP"),
    ],
)
def test_an_execution_is_found_by_any_of_its_params(engine, path, text):
    value = {
        "userId": "usr_12345",
        "items": [{"sku": "A"}, {"sku": "B"}],
        "amount": 4200,
        "rate": 1.5,
        "isTrial": True,
        "note": None,
        "letter": "x" * 1_000,
        "name": "<script>'; DROP",
    }
    wanted = engine.submit("probe-echo", value=value)
    engine.submit("probe-echo", value=text)

    assert found(**{f"params.{path}": text}) == [wanted]
    assert found(**{f"params.{path}": f"{text}1"}) == []


def test_a_value_is_not_found_by_what_only_begins_like_it(engine):
    wanted = engine.submit("probe-echo", value="x" * 64)

    assert found(q="x" * 64) == [wanted]
    assert found(q="x" * 65) == found(q="x" * 63) == []


def test_all_params_that_are_asked_for_must_hold(engine):
    wanted = engine.submit("probe-echo", value={"user": "u", "city": "c"})
    engine.submit("probe-echo", value={"user": "u", "city": "d"})

    assert found(params__value__user="u", params__value__city="c") == [wanted]


@pytest.mark.parametrize("guess", ["canary-1", "canary-2", "••••••"])
def test_a_guess_of_a_secret_finds_nothing_whether_it_fits_or_not(engine, guess):
    engine.submit("probe-marked", password="canary-1")
    engine.submit("probe-echo", value={"apiKey": "canary-1", "name": "canary-1"})

    assert found(params__password=guess) == found(params__value__apiKey=guess) == []


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("SMTP", True),
        ("refused smtp", True),
        ("smtp_connection_refused", True),
        ("internal", True),
        ("mail.internal:2525", True),
        ("2525", True),
        ("tag", True),
        ("größe", True),
        ("smt", False),
        ("smtp timeout", False),
        ("!!!", False),
        ("' & smtp:*", True),
        ("smtp | timeout", False),
    ],
)
def test_an_error_is_found_by_the_words_of_its_code_and_message(engine, words, is_found):
    wanted = engine.run("probe-decline")
    message = "SMTP said <tag> to mail.internal:2525: Größe"
    Execution.objects.update(
        error_code="smtp_connection_refused", error={**wanted.error, "message": message}
    )
    engine.run("probe-nothing")

    assert found(error=words) == ([wanted] if is_found else [])


def test_an_execution_is_found_by_the_worker_of_any_of_its_attempts(engine):
    wanted = engine.run("probe-flaky", name="one", fail_times=1)
    engine.submit("probe-nothing")
    label = Attempt.objects.of(wanted.id).first().worker_label

    assert found(worker=label) == [wanted]
    assert found(worker="another:1") == []


def test_the_goal_is_one_address(engine):
    for user in ("usr_1", "usr_12345"):
        engine.submit("probe-echo", value={"userId": user})
    wanted = Execution.objects.order_by("id").last()
    Execution.objects.update(
        status="failed",
        finished_at=datetime.now(UTC),
        error_code="smtp_connection_refused",
        error={"message": "The mail server refused the connection."},
    )

    query = {"params.value.userId": "usr_12345", "status": "failed", "error": "SMTP"}

    assert found(**query, since="-24h") == [wanted]
    assert found(**query, until="-24h") == []


@pytest.mark.parametrize("nearby", [1, 10_000])
def test_the_moments_bound_when_it_was_accepted_to_the_microsecond(engine, monkeypatch, nearby):
    monkeypatch.setattr(reads, "NEARBY", nearby)
    for _ in range(5):
        engine.submit("probe-echo", value=1)
    # The order of acceptance is not that of the ids, and the clocks of who made them are off.
    made = list(Execution.objects.order_by("id"))
    first = made[0].queued_at
    moments = [first + timedelta(seconds=s, microseconds=7) for s in (90, -120, 0, 30, -60)]
    for execution, moment in zip(made, moments, strict=True):
        Execution.objects.filter(id=execution.id).update(queued_at=moment)

    for moment in moments:
        text = moment.isoformat()
        later = {one.id for one, at in zip(made, moments, strict=True) if at >= moment}
        assert {one.id for one in found(since=text)} == later
        assert {one.id for one in found(until=text)} == {one.id for one in made} - later
        everything = Execution.objects.tally(ExecutionFilters.parse({"until": [text]}))
        assert everything.count == len(made) - len(later)


@pytest.mark.usefixtures("far_away")
def test_what_lies_far_back_is_found_in_the_same_order(engine):
    made = [engine.submit("probe-echo", value="needle") for _ in range(4)]
    engine.submit("probe-nothing")

    assert found(q="needle") == made[::-1]
    assert found(params__value="needle", until="2100-01-01") == made[::-1]


@pytest.mark.usefixtures("far_away")
def test_pages_of_what_lies_far_apart_follow_without_gap_or_repeat(engine):
    made = []
    for _ in range(5):
        made.append(engine.submit("probe-echo", value="needle"))
        engine.submit("probe-nothing")
    needles = ExecutionFilters.parse({"q": ["needle"]})

    newest = Execution.objects.page(needles, limit=2)
    older = Execution.objects.page(needles, limit=2, before=newest[-1].id)
    oldest = Execution.objects.page(needles, limit=2, before=older[-1].id)
    back = Execution.objects.page(needles, limit=2, after=oldest[0].id)

    assert newest + older + oldest == made[::-1]
    assert back == older


@pytest.mark.usefixtures("far_away")
def test_a_tally_counts_what_is_near_and_says_when_it_stopped(engine, monkeypatch):
    for _ in range(3):
        engine.run("probe-decline")
    engine.run("probe-nothing")
    everything = ExecutionFilters()

    whole = Execution.objects.tally(everything)
    monkeypatch.setattr(reads, "CAP", 2)
    part = Execution.objects.tally(everything)

    assert (whole.count, whole.is_capped) == (4, False)
    assert whole.by("status") == [("failed", 3), ("succeeded", 1)]
    assert whole.by("error_code") == [("card_declined", 3)]
    assert (part.count, part.is_capped) == (3, True)


def test_executions_of_before_the_search_get_their_terms(engine):
    old = [engine.submit("probe-echo", value={"n": n}) for n in range(3)]
    engine.submit("probe-marked", password="canary-1")
    Execution.objects.update(terms=[])
    migration = import_module("actions.migrations.0005_search")

    migration.name_terms(apps, connection.schema_editor())

    assert found(params__value__n="1") == [old[1]]
    assert found(params__password="canary-1") == []


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({"error": "smtp"}, "execution_by_error_words"),
        ({"params.userId": "usr_1"}, "execution_by_term"),
        ({"actor": "ada"}, "execution_by_actor"),
        ({"action": "a", "status": "failed"}, "execution_by_failed_action"),
        ({"worker": "host:1"}, "attempt_by_worker"),
        ({"rerun_of": "exec_00000000000000000000000001"}, "execution_by_rerun"),
    ],
)
def test_the_index_of_a_filter_can_answer_it(db, query, index):
    filters = ExecutionFilters.parse({name: [text] for name, text in query.items()})
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")

    plan = Execution.objects.matching(filters).order_by().explain()

    assert index in plan
