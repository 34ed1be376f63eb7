"""Limits among several real workers, from what the record says."""

import os
import signal
from collections.abc import Sequence
from datetime import datetime

from actions.models import Attempt, Execution, Limit, Worker
from actions.promises import broken_promises
from tests.workflows.test_worker import submit


def all_done() -> bool:
    return not Execution.objects.exclude(status="succeeded").exists()


def most_at_once(spans: Sequence[tuple[datetime, datetime]]) -> int:
    """How many spans overlap at the worst moment."""
    steps = sorted([(begun, 1) for begun, _ in spans] + [(ended, -1) for _, ended in spans])
    most = now = 0
    for _, step in steps:
        now += step
        most = max(most, now)
    return most


def test_never_more_run_at_once_than_are_allowed_however_many_workers_there_are(
    catalogue, qcluster, wait_until
):
    for _ in range(20):
        submit("probe-two-at-once", seconds=0.05)

    qcluster(workers=2)

    wait_until(all_done, what="all of them")
    spans = list(Attempt.objects.values_list("started_at", "finished_at"))
    assert most_at_once(spans) == 2
    assert Limit.objects.get().taken == 0
    assert broken_promises() == []


def test_each_customer_has_places_of_its_own(catalogue, qcluster, wait_until):
    for number in range(40):
        submit("probe-one-per-customer", customer=f"customer {number % 4}")

    qcluster(workers=2)

    wait_until(all_done, what="all of them")
    assert Limit.objects.filter(taken=0).count() == 4
    assert broken_promises() == []


def test_a_rate_is_kept_by_all_workers_together(catalogue, qcluster, wait_until):
    for _ in range(40):
        submit("probe-brisk")

    qcluster(workers=2)

    wait_until(all_done, what="all of them")
    begun = sorted(Attempt.objects.values_list("started_at", flat=True))
    # At 50 in a second, and a tenth of a second's worth at once, the 40th begins after 0.7 s.
    assert (begun[-1] - begun[0]).total_seconds() > 0.6
    assert not Execution.objects.exclude(blocked_on="").exists()


def test_a_worker_that_dies_gives_its_places_back(catalogue, qcluster, wait_until):
    for _ in range(6):
        submit("probe-two-at-once", seconds=1.0)
    qcluster(workers=2)
    wait_until(Limit.objects.filter(taken=2).exists, what="both places taken")

    holder = Execution.objects.filter(status="running").values_list("worker_id", flat=True)[0]
    os.kill(Worker.objects.get(id=holder).pid, signal.SIGKILL)

    wait_until(all_done, timeout=30, what="all of them")
    assert Limit.objects.get().taken == 0
    assert broken_promises() == []
