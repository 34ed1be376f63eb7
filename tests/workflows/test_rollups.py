"""Runs are rolled up by workflow, each end of them once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from actions import rollups
from actions.models import RollUp
from actions.models.rollup import Kind, Unit
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER
from tests.workflows.runs.conftest import echo, stage
from workflows import runs
from workflows.models import Run, RunEvent

__all__ = ["echo", "stage"]


def under_test():
    now = timezone.now()
    while rollups.fold_next(now=now + timedelta(minutes=2)):
        pass
    found = RollUp.objects.of(Kind.WORKFLOW, unit=Unit.DAY, since=now - timedelta(days=2))
    return found.by_name()["under-test"]


@pytest.fixture
def failed(stage):
    """A run whose only step fails."""
    return stage.start({"only": {"action": "probe-decline"}})


def test_a_run_is_accepted_and_ends_in_the_rollup_of_its_workflow(stage, echo):
    run = stage.start({"only": echo("1")})

    found = under_test()

    assert (found.accepted, found.succeeded, found.ended) == (1, 1, 1)
    assert found.longest == pytest.approx((run.finished_at - run.started_at).total_seconds())
    assert broken_promises() == []


def test_a_run_that_is_tried_again_after_its_end_ends_twice(stage, failed):
    runs.step_again(run_id=failed.id, step="only", by=TESTER)
    stage.go_on(failed)

    found = under_test()

    assert (found.accepted, found.failed, found.ended) == (1, 2, 2)
    assert broken_promises() == []


def test_what_a_run_takes_counts_from_when_it_was_opened_again(stage, failed):
    day_ago = failed.started_at - timedelta(days=1)
    Run.objects.filter(id=failed.id).update(started_at=day_ago)
    runs.step_again(run_id=failed.id, step="only", by=TESTER)
    last = stage.go_on(failed).finished_at
    opened = RunEvent.objects.get(run=failed, type="step_retried").at

    took = under_test().seconds - (failed.finished_at - day_ago).total_seconds()

    assert took == pytest.approx((last - opened).total_seconds())


def test_what_happens_to_a_step_is_no_end_of_its_run(stage, echo):
    stage.start({"one": echo("1"), "two": echo("2"), "three": {"wait": {"for": 3_600}}})

    found = under_test()

    assert (found.accepted, found.ended) == (1, 0)
