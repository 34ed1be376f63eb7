"""What ends is counted once, in the minute, the hour and the day in which the log says so."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta

import psycopg
import pytest
from django.db import ProgrammingError, connection
from django.utils import timezone

from actions import executions, rollups
from actions.models import Execution, ExecutionEvent, RollUp, RollUpMark
from actions.models.rollup import Kind, Totals, Unit
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER

NEXT_EVENT = """
INSERT INTO actions_executionevent (execution_id, seq, type, actor_kind, actor_id, actor_label,
    worker_label, request_id, data)
VALUES (%s, 3, 'replayed', 'system', '', '', '', '', '{}')
"""
LATE = """
UPDATE actions_executionevent SET at = at - interval '3 minutes' WHERE type = 'accepted'
"""


BREAKING_OFF = """
CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken off'; END $$;
CREATE TRIGGER break_off BEFORE INSERT OR UPDATE ON actions_rollupmark
    FOR EACH ROW EXECUTE FUNCTION break_off();
"""


def later(**after):
    """A moment from which all that has happened is over."""
    return timezone.now() + timedelta(**(after or {"minutes": 2}))


def fold_all(now=None):
    now = now or later()
    while rollups.fold_next(now=now):
        pass


def totals(name, unit=Unit.MINUTE):
    long_ago = timezone.now() - timedelta(days=400)
    found = RollUp.objects.of(Kind.ACTION, unit=unit, since=long_ago).by_name()
    return found.get(name, Totals())


@pytest.fixture
def tamper(cloned_database):
    def run(statement, *params):
        with psycopg.connect(cloned_database) as superuser:
            superuser.execute("SET session_replication_role = replica")
            superuser.execute(statement, params or None)

    return run


@pytest.fixture
def ended(engine):
    """One of every end: two successes, one after a retry, a failure, and one that never began."""
    for name in ("a", "b"):
        engine.run("probe-mark", name=name)
    engine.run("probe-decline")
    waiting = engine.submit("probe-mark", name="c")
    executions.cancel(execution_id=waiting.id, by=TESTER)


def test_acceptances_and_ends_are_counted_by_action(ended):
    fold_all()

    marks, declined = totals("probe-mark"), totals("probe-decline")
    assert (marks.accepted, marks.succeeded, marks.cancelled, marks.failed) == (3, 2, 1, 0)
    assert (declined.accepted, declined.failed, declined.ended) == (1, 1, 1)
    assert broken_promises() == []


def test_hours_and_days_have_what_their_minutes_have(ended):
    fold_all()

    assert totals("probe-mark", Unit.HOUR) == totals("probe-mark")
    assert totals("probe-mark", Unit.DAY) == totals("probe-mark")


def test_durations_are_those_of_what_has_begun(ended):
    fold_all()

    marks = totals("probe-mark")
    took = [
        (one.finished_at - one.first_started_at).total_seconds()
        for one in Execution.objects.filter(action_name="probe-mark", status="succeeded")
    ]
    assert sum(marks.slots) == 2
    assert marks.attempts == 2
    assert (marks.shortest, marks.longest) == (min(took), max(took))
    assert marks.mean_seconds == pytest.approx(sum(took) / 2)
    assert min(took) <= marks.quantile(0.5) <= max(took)


def test_folding_again_counts_nothing_twice(ended):
    fold_all()
    before = list(RollUp.objects.order_by("pk").values())

    fold_all(later(minutes=30))

    assert list(RollUp.objects.order_by("pk").values()) == before


def test_what_ends_later_in_the_same_hour_is_added_to_it(ended, engine, tamper):
    tamper("UPDATE actions_executionevent SET at = date_trunc('hour', now())")
    fold_all(timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(minutes=2))
    assert totals("probe-mark", Unit.HOUR).accepted == 3

    engine.run("probe-mark", name="d")
    tamper(
        "UPDATE actions_executionevent SET at = date_trunc('hour', now()) + interval '5 minutes' "
        "WHERE execution_id = (SELECT id FROM actions_execution ORDER BY id DESC LIMIT 1)"
    )
    fold_all(later(hours=1))

    assert totals("probe-mark", Unit.HOUR).accepted == 4
    assert sum(totals("probe-mark", Unit.HOUR).slots) == 3
    assert totals("probe-mark", Unit.DAY) == totals("probe-mark", Unit.HOUR)


def test_no_minute_is_folded_before_it_is_over_for_half_a_minute(engine):
    engine.submit("probe-nothing")
    fold_all()
    end = RollUpMark.objects.until() + timedelta(minutes=1)

    assert rollups.fold_next(now=end + timedelta(seconds=29)) is None
    assert rollups.fold_next(now=end + timedelta(seconds=30)) == end


def test_a_transaction_that_writes_across_the_end_is_waited_for(engine, cloned_database):
    execution = engine.submit("probe-nothing")
    now = later()
    with psycopg.connect(cloned_database) as slow:
        slow.execute(NEXT_EVENT, [execution.id])

        fold_all(now)
        assert totals("probe-nothing").accepted == 0

    fold_all(now)
    assert totals("probe-nothing").accepted == 1


def test_a_transaction_that_only_reads_holds_nothing_up(engine, cloned_database):
    engine.submit("probe-nothing")
    with psycopg.connect(cloned_database) as reading:
        reading.execute("SELECT count(*) FROM actions_executionevent")

        fold_all()

    assert totals("probe-nothing").accepted == 1


def test_two_workers_that_fold_at_once_count_once(ended):
    fold_all(timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=5))
    both, now = threading.Barrier(2), later()

    def fold():
        both.wait()
        try:
            fold_all(now)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as two:
        for each in [two.submit(fold), two.submit(fold)]:
            each.result()

    fold_all(now)
    assert totals("probe-mark").accepted == 3
    assert broken_promises() == []


def test_a_folding_that_breaks_off_has_counted_nothing(ended, tamper):
    tamper(BREAKING_OFF)
    with pytest.raises(ProgrammingError, match="broken off"):
        fold_all()
    assert not RollUp.objects.exists()

    tamper("DROP TRIGGER break_off ON actions_rollupmark")
    fold_all()
    assert totals("probe-mark").accepted == 3


def test_what_the_engine_asks_for_itself_is_not_counted(engine):
    engine.submit("actionsite.wait")
    engine.drain()
    fold_all()

    assert not RollUp.objects.exists()


def test_minutes_are_forgotten_after_their_time_and_days_are_not(ended, settings):
    settings.ACTIONSITE_ROLLUP_DAYS = 1
    fold_all()

    fold_all(later(days=1, hours=2))

    assert totals("probe-mark").accepted == 0
    assert totals("probe-mark", Unit.DAY).accepted == 3


def test_over_time_all_names_come_together_by_the_bucket(ended, tamper):
    tamper("UPDATE actions_executionevent SET at = at - interval '3 minutes' WHERE seq = 1")
    tamper("UPDATE actions_executionevent SET at = date_trunc('minute', at)")
    fold_all()
    midnight = ExecutionEvent.objects.earliest("at").at

    line = RollUp.objects.of(Kind.ACTION, unit=Unit.MINUTE, since=midnight).over_time()

    assert line[0][0] == midnight.astimezone(UTC)
    assert line[0][1].accepted == 4
    assert sum(one.ended for _, one in line) == 4


def test_it_is_known_whether_a_minute_is_due(engine):
    assert rollups.is_due()

    while rollups.fold_next():
        pass

    assert not rollups.is_due()


def test_fsck_finds_an_end_that_came_too_late_to_be_counted(ended, tamper):
    fold_all()

    tamper(LATE)

    names = {breach.promise for breach in broken_promises()}
    assert names == {"The roll-ups of each action count what the log says, once."}
