"""Bulk re-runs whose workers die between any two steps of it."""

from collections import Counter
from dataclasses import replace

import pytest

from actions.promises import broken_promises
from tests.faults.test_points import fault
from tests.faults.test_runs import DIAMOND, have_ended, publish
from tests.fixtures.engine import TESTER
from tests.probe.models import Mark
from tests.workflows.runs.test_bulk import OPERATOR, WISH
from workflows import runs
from workflows.models import BulkRerun, Run
from workflows.runs import bulk

__all__ = ["publish"]

COUNT = 12


@pytest.fixture
def asked(publish):
    """A bulk re-run of twelve runs that were cancelled before they began."""
    version = publish(DIAMOND)
    for _ in range(COUNT):
        run = runs.start(version=version, params={}, by=TESTER)
        runs.cancel(run_id=run.id, by=TESTER)
    filters = {"status": ["cancelled"]}
    wish = replace(WISH, filters=filters, expected_count=COUNT, spacing_seconds=0.02)
    return bulk.start(wish, by=OPERATOR).bulk


@pytest.mark.parametrize(
    "point",
    ["claim.after-commit", "body.after", "settle.before-commit", "settle.after-commit"],
)
def test_a_worker_killed_at_any_point_of_a_bulk_rerun_begins_no_run_twice(
    asked, qcluster, tmp_path, wait_until, point
):
    mark_file = tmp_path / "happened"

    qcluster(workers=2, env=fault(point, "kill", nth=4, mark=mark_file))

    wait_until(mark_file.exists, what="the fault")
    wait_until(
        lambda: BulkRerun.objects.get().status == "finished" and have_ended(),
        timeout=60,
        what="the end of every run",
    )
    again = Counter(Run.objects.exclude(rerun_of=None).values_list("rerun_of", flat=True))
    assert (len(again), set(again.values())) == (COUNT, {1})
    names = Mark.objects.values_list("name", flat=True)
    assert (len(names), len(set(names))) == (COUNT * len(DIAMOND), COUNT * len(DIAMOND))
    assert broken_promises() == []
