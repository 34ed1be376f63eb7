"""Hours are sealed once, in order, and only when nobody can store a row in them any more."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta

import psycopg
from django.db import connection
from django.utils import timezone

from actions import seals
from actions.models import ExecutionEvent, Seal, SealLeaf
from tests.actions.seals.conftest import later, seal_all, this_hour

NEXT_EVENT = """
INSERT INTO actions_executionevent (execution_id, seq, type, actor_kind, actor_id, actor_label,
    worker_label, request_id, data)
VALUES (%s, 3, 'replayed', 'system', '', '', '', '', '{}')
"""


def test_the_first_seal_is_of_the_last_whole_hour_and_all_before_it(engine, tamper):
    engine.submit("probe-nothing")
    tamper("UPDATE actions_executionevent SET at = at - interval '3 years' WHERE seq = 1")

    made = seals.seal_next()

    over = (timezone.now() - timedelta(minutes=5)).astimezone(UTC)
    assert made.hour == over.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    assert (made.event_count, bytes(made.previous_digest)) == (1, b"")
    assert seals.verify().findings == []


def test_no_hour_is_sealed_before_it_is_over_for_five_minutes(sealed):
    end = Seal.objects.newest().hour + timedelta(hours=2)

    assert seals.seal_next(now=end + timedelta(minutes=4, seconds=59)) is None
    assert seals.seal_next(now=end + timedelta(minutes=5)) is not None


def test_an_hour_without_rows_has_a_seal_too(sealed):
    seal_all(hours=6)

    counts = list(Seal.objects.since(None).values_list("event_count", flat=True))
    assert sorted(counts)[-1] == 8
    assert counts.count(0) >= 4
    assert seals.verify().findings == []


def test_a_transaction_that_is_open_across_the_end_is_waited_for(engine, cloned_database):
    seals.seal_next(now=this_hour())
    execution = engine.submit("probe-nothing")
    with psycopg.connect(cloned_database) as slow:
        slow.execute(NEXT_EVENT, [execution.id])

        assert seals.seal_next(now=later()) is None

    made = seals.seal_next(now=later())
    assert made.event_count == 3
    assert seals.verify().findings == []


def test_what_began_after_the_end_holds_nothing_up(engine, cloned_database):
    with psycopg.connect(cloned_database) as later_one:
        later_one.execute("SELECT 1")

        assert seals.seal_next() is not None


def test_two_workers_that_seal_at_once_make_one_seal(engine):
    both = threading.Barrier(2)
    first = seals.seal_next(now=later(-3))
    now = first.hour + timedelta(hours=2, minutes=6)

    def seal() -> Seal | None:
        both.wait()
        try:
            return seals.seal_next(now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as two:
        made = [each.result() for each in [two.submit(seal), two.submit(seal)]]

    assert sum(one is not None for one in made) == 1
    assert Seal.objects.count() == 2
    assert seals.verify().findings == []


def test_while_somebody_seals_nobody_waits_for_it(sealed, cloned_database):
    with psycopg.connect(cloned_database) as busy:
        busy.execute("SELECT pg_advisory_xact_lock(%s)", [0x7365616C])

        assert seals.seal_next(now=later(4)) is None


def test_a_line_is_sealed_by_when_it_was_stored(sealed, tamper):
    tamper("UPDATE actions_logline SET stored_at = stored_at + interval '1 day'")
    before = SealLeaf.objects.filter(source="lines").count()

    seal_all(hours=27)

    assert SealLeaf.objects.filter(source="lines").count() == before * 2


def test_events_of_an_execution_may_be_sealed_in_different_hours(engine, tamper):
    seals.seal_next(now=this_hour())
    engine.run("probe-nothing")
    tamper("UPDATE actions_executionevent SET at = at + interval '1 hour' WHERE seq > 2")

    seal_all(hours=4)

    assert ExecutionEvent.objects.count() == 4
    assert SealLeaf.objects.filter(source="events").count() == 2
    assert seals.verify().findings == []


def test_it_is_known_whether_an_hour_is_due(engine):
    assert seals.is_due()

    seals.seal_next(now=this_hour())

    assert not seals.is_due()
