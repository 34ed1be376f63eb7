"""Very many at once: due in the same second, or waiting for a service that is down."""

from statistics import mean

import pytest
from django.db.models import F, Func, Value
from django.db.models.functions import Now

from actions import executions
from actions.executions.claim import GROUP_LIMIT
from actions.models import Attempt, Execution
from actions.promises import broken_promises
from tests.faults.accounts import BOOK, COUNT
from tests.fixtures.engine import TESTER
from tests.fixtures.waiting import wait_until
from tests.probe.troubles import DIAL_RETRY

pytestmark = pytest.mark.usefixtures("catalogue")

WORKERS = 2


def make_due(executions_of_one_moment, *, seconds_ago: float) -> None:
    """Move their due time, as the end of a backoff would have set it."""
    ago = Func(
        Value(seconds_ago),
        function="make_interval",
        template="make_interval(secs => %(expressions)s)",
    )
    executions_of_one_moment.update(run_at=Now() - ago)


@pytest.mark.long
def test_two_thousand_due_in_one_second_all_run_in_the_order_of_their_due_times(account, qcluster):
    for number in range(2000):
        account.submit(BOOK, key=f"key-{number}")
    # Those that were accepted last have been due longest.
    newest_first = list(Execution.objects.order_by("-id").values_list("id", flat=True))
    for tenth in range(10):
        ids = newest_first[tenth * 200 : tenth * 200 + 200]
        make_due(Execution.objects.filter(id__in=ids), seconds_ago=2 - tenth * 0.1)

    qcluster(workers=WORKERS)

    assert account.check(timeout=90) == []
    assert set(Execution.objects.values_list("attempt_count", flat=True)) == {1}
    assert not Execution.objects.filter(started_at__lt=F("run_at")).exists()
    assert furthest_out_of_order() <= WORKERS * GROUP_LIMIT


def test_two_workers_side_by_side_never_claim_the_same(account, qcluster):
    for number in range(400):
        account.submit(COUNT, key=f"key-{number}")

    qcluster(workers=4)

    assert account.check() == []
    assert set(Execution.objects.values_list("attempt_count", flat=True)) == {1}


def furthest_out_of_order() -> int:
    """By how many places an execution began too late, for those that were due after it."""
    due = list(Execution.objects.order_by("started_at", "run_at").values_list("run_at", flat=True))
    first_place = {moment: place for place, moment in reversed(list(enumerate(sorted(due))))}
    count = {moment: due.count(moment) for moment in first_place}
    return max(
        place - (first_place[moment] + count[moment] - 1) for place, moment in enumerate(due)
    )


@pytest.mark.long
def test_hundreds_that_wait_for_a_dead_service_are_bounded_and_spread(account, qcluster, tmp_path):
    gate = tmp_path / "gate"
    for _ in range(300):
        executions.submit(action="probe-dial", params={"gate": str(gate)}, by=TESTER)
    qcluster(workers=WORKERS)

    wait_until(Execution.objects.filter(status="failed").exists, what="who gives up first")
    gate.touch()
    wait_until(account.is_over, timeout=60, what="the end of every execution")

    most = DIAL_RETRY["max_attempts"]
    assert not Execution.objects.filter(attempt_count__gt=most).exists()
    failed = Execution.objects.filter(status="failed")
    assert set(failed.values_list("attempt_count", flat=True)) == {most}
    assert Execution.objects.filter(status="succeeded").count() + failed.count() == 300
    for number in (1, 2):
        check_spread(number, cap=DIAL_RETRY["delay_seconds"] * 2 ** (number - 1))
    assert broken_promises() == []


def check_spread(number: int, *, cap: float) -> None:
    """The waits after that attempt are anything from nothing to the cap, and were kept."""
    waited = Attempt.objects.filter(number=number, outcome="failed", delay_seconds__isnull=False)
    delays = sorted(waited.values_list("delay_seconds", flat=True))
    quarters = [sum(cap * q / 4 <= one <= cap * (q + 1) / 4 for one in delays) for q in range(4)]
    assert len(delays) > 200
    assert delays[-1] <= cap
    assert 0.4 * cap < mean(delays) < 0.6 * cap
    assert min(quarters) > len(delays) / 8
    ends = dict(waited.values_list("execution_id", "finished_at"))
    follows = Attempt.objects.filter(number=number + 1, execution_id__in=ends)
    early = [
        one.execution_id
        for one in follows
        if (one.started_at - ends[one.execution_id]).total_seconds()
        < waited.get(execution_id=one.execution_id).delay_seconds - 0.01
    ]
    assert not early
