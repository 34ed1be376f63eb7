"""Runs whose workers die between a step's end and the next one's start."""

from collections import Counter

import pytest

from actions.faults import POINTS
from actions.models import Execution
from actions.promises import broken_promises
from tests.faults.test_points import fault
from tests.fixtures.engine import TESTER
from tests.probe.models import Mark
from workflows import definitions, runs
from workflows.errors import RunHasEnded
from workflows.models import Run

# What has no limit is claimed by one statement, so there is no point before its commit.
OTHERS = ("submit.", "reap.", "claim.before-commit")
WORKER_POINTS = sorted(point for point in POINTS if not point.startswith(OTHERS))


def mark(name, *after):
    return {
        "action": "probe-mark",
        "params": {"name": f"${{{{ run.id }}}} {name}"},
        "after": list(after),
    }


DIAMOND = {
    "first": mark("first"),
    "left": mark("left", "first"),
    "right": mark("right", "first"),
    "join": mark("join", "left", "right"),
}


@pytest.fixture
def publish(catalogue):
    """Publish a workflow by its steps."""

    def published(steps, name="under-test"):
        definitions.create({"workflow": name, "steps": steps}, by=TESTER)
        return definitions.publish(name, by=TESTER).version

    return published


def have_ended():
    return not Run.objects.filter(finished_at__isnull=True).exists()


def check_exactly_one_effect_a_step(*, runs, steps):
    assert Counter(Run.objects.values_list("status", flat=True)) == {"succeeded": runs}
    assert Execution.objects.exclude(action_name__startswith="actionsite.").count() == runs * steps
    names = Mark.objects.values_list("name", flat=True)
    assert (len(names), len(set(names))) == (runs * steps, runs * steps)
    assert broken_promises() == []


@pytest.mark.parametrize("point", WORKER_POINTS)
def test_a_worker_killed_at_any_point_of_a_run_loses_and_doubles_no_step(
    publish, qcluster, tmp_path, wait_until, point
):
    mark_file, version = tmp_path / "happened", publish(DIAMOND)
    for _ in range(5):
        runs.start(version=version, params={}, by=TESTER)

    qcluster(
        workers=2,
        env=fault(point, "kill", nth=1 if point.startswith("claim.") else 2, mark=mark_file),
    )

    wait_until(mark_file.exists, what="the fault")
    wait_until(have_ended, timeout=60, what="the end of every run")
    check_exactly_one_effect_a_step(runs=5, steps=4)


def test_joins_of_two_are_raced_by_two_workers_and_fire_once(publish, qcluster, wait_until):
    version = publish(DIAMOND)
    qcluster(workers=2)
    for _ in range(100):
        runs.start(version=version, params={}, by=TESTER)

    wait_until(have_ended, timeout=90, what="the end of every run")
    check_exactly_one_effect_a_step(runs=100, steps=4)


@pytest.mark.long
def test_five_hundred_raced_joins_are_exact(publish, qcluster, wait_until):
    version = publish(DIAMOND)
    qcluster(workers=3)
    for _ in range(500):
        runs.start(version=version, params={}, by=TESTER)

    wait_until(have_ended, timeout=110, what="the end of every run")
    check_exactly_one_effect_a_step(runs=500, steps=4)


@pytest.mark.long
def test_two_thousand_branches_are_joined_once(publish, qcluster, wait_until):
    branches = {f"b{n}": mark(f"b{n}") for n in range(2000)}
    version = publish(branches | {"join": mark("join", *branches)})
    qcluster(workers=3)
    runs.start(version=version, params={}, by=TESTER)

    wait_until(have_ended, timeout=110, what="the end of the run")
    check_exactly_one_effect_a_step(runs=1, steps=2001)


def test_a_run_that_is_cancelled_and_paused_while_it_ends_ends_once(publish, qcluster, wait_until):
    version = publish(DIAMOND)
    qcluster(workers=2)
    started = [runs.start(version=version, params={}, by=TESTER) for _ in range(30)]
    for number, run in enumerate(started):
        control = (runs.cancel, runs.pause)[number % 2]
        try:
            control(run_id=run.id, by=TESTER)
        except RunHasEnded:
            continue
    for run in started:
        if not Run.objects.get(id=run.id).has_ended:
            resume_if_it_goes_on(run)

    wait_until(have_ended, timeout=60, what="the end of every run")
    assert broken_promises() == []


def resume_if_it_goes_on(run):
    try:
        runs.resume(run_id=run.id, by=TESTER)
    except RunHasEnded:
        return
