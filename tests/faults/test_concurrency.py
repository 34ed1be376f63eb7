"""Runs that share a concurrency key while their workers race and die."""

import threading
from itertools import pairwise

import pytest
from django.db import connection

from actions.faults import POINTS
from actions.promises import broken_promises
from tests.faults.test_points import fault
from tests.faults.test_runs import have_ended, mark, publish
from tests.fixtures.engine import TESTER
from tests.probe.models import Mark
from workflows import definitions, runs
from workflows.errors import ConcurrencyKeyHeld, RunHasEnded
from workflows.models import Run

__all__ = ["publish"]

# Letting runs in is limited, so a claim passes the point before its commit too.
WORKER_POINTS = sorted(point for point in POINTS if not point.startswith(("submit.", "reap.")))
STEPS = {"first": mark("first"), "second": mark("second", "first")}


@pytest.fixture
def keyed(catalogue):
    """Publish a workflow whose runs share one key."""

    def published(*, limit=1, on_conflict="queue", steps=STEPS):
        key = {"key": "'all'", "limit": limit, "on_conflict": on_conflict}
        document = {"workflow": "keyed", "steps": steps, "concurrency_key": key}
        definitions.create(document, by=TESTER)
        return definitions.publish("keyed", by=TESTER).version

    return published


def most_at_once():
    """How many runs went on at the same time at most, by the moments in their rows."""
    began = Run.objects.filter(started_at__isnull=False).values_list("started_at", "finished_at")
    changes = sorted([(at, 1) for at, _ in began] + [(at, -1) for _, at in began])
    going_on = most = 0
    for _, change in changes:
        going_on += change
        most = max(most, going_on)
    return most


@pytest.mark.parametrize("point", WORKER_POINTS)
def test_a_worker_killed_at_any_point_loses_no_place_and_gives_none_twice(
    keyed, qcluster, tmp_path, wait_until, point
):
    mark_file, version = tmp_path / "happened", keyed()
    for _ in range(5):
        runs.start(version=version, params={}, by=TESTER)

    qcluster(
        workers=2,
        env=fault(point, "kill", nth=1 if point.startswith("claim.") else 3, mark=mark_file),
    )

    wait_until(mark_file.exists, what="the fault")
    wait_until(have_ended, timeout=60, what="the end of every run")
    assert broken_promises() == []
    assert most_at_once() == 1
    assert set(Run.objects.values_list("status", flat=True)) == {"succeeded"}
    assert Mark.objects.count() == 10
    starts = list(Run.objects.order_by("id").values_list("started_at", flat=True))
    assert all(earlier < later for earlier, later in pairwise(starts))


def test_starts_ends_and_cancels_that_race_never_exceed_the_places(keyed, qcluster, wait_until):
    version = keyed(limit=3)
    qcluster(workers=2)

    def start_and_cancel():
        for number in range(10):
            run = runs.start(version=version, params={}, by=TESTER)
            if number % 3 == 0:
                cancel(run)
        connection.close()

    in_threads(start_and_cancel, count=4)

    wait_until(have_ended, timeout=90, what="the end of every run")
    assert broken_promises() == []
    assert 1 <= most_at_once() <= 3
    assert Run.objects.count() == 40


def test_of_starts_that_race_with_ends_those_that_are_refused_store_nothing(
    keyed, qcluster, wait_until
):
    version = keyed(on_conflict="reject")
    qcluster(workers=2)
    refused = []

    def start():
        for _ in range(20):
            try:
                runs.start(version=version, params={}, by=TESTER)
            except ConcurrencyKeyHeld:
                refused.append(1)
        connection.close()

    in_threads(start, count=4)

    wait_until(have_ended, timeout=60, what="the end of every run")
    assert broken_promises() == []
    assert most_at_once() == 1
    assert Run.objects.count() + len(refused) == 80


def test_the_newest_of_many_that_cancel_each_other_is_left(keyed, qcluster, wait_until):
    steps = {"first": mark("first"), "ask": {"approval": {"message": "?"}, "after": ["first"]}}
    version = keyed(on_conflict="cancel", steps=steps)
    qcluster(workers=2)

    def start():
        for _ in range(10):
            runs.start(version=version, params={}, by=TESTER)
        connection.close()

    in_threads(start, count=3)

    going_on = Run.objects.filter(finished_at__isnull=True)
    wait_until(lambda: going_on.count() == 1, timeout=60, what="the cancelled ones to end")
    wait_until(lambda: going_on.get().status == "waiting", what="the newest to wait for its answer")
    newest = Run.objects.order_by("id").last()
    assert going_on.get() == newest
    assert set(Run.objects.exclude(id=newest.id).values_list("status", flat=True)) == {"cancelled"}
    assert broken_promises() == []


def test_steps_of_one_key_never_overlap_whoever_runs_them(publish, qcluster, wait_until):
    key = {"concurrency_key": {"key": "'all'"}}
    version = publish({f"s{number}": mark(f"s{number}") | key for number in range(6)})
    qcluster(workers=3)
    for _ in range(5):
        runs.start(version=version, params={}, by=TESTER)

    wait_until(have_ended, timeout=60, what="the end of every run")
    assert broken_promises() == []
    assert Mark.objects.count() == 30


def cancel(run):
    try:
        runs.cancel(run_id=run.id, by=TESTER)
    except RunHasEnded:
        return


def in_threads(work, *, count):
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
