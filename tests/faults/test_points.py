"""A worker that dies, fails or stands still at a named point of the engine's story."""

import pytest

from actions.faults import POINTS
from tests.faults.accounts import ONCE

# A worker reaches these; the others belong to whoever submits or reaps.
WORKER_POINTS = sorted(point for point in POINTS if not point.startswith(("submit.", "reap.")))


def fault(point: str, deed: str, *, nth: int, mark: object) -> dict[str, str]:
    return {
        "ENGINE_FAULT": f"{point}:{deed}:{nth}",
        "ENGINE_FAULT_MARK": str(mark),
        "ACTIONSITE_ALLOW_FAULTS": "1",
    }


@pytest.mark.parametrize(
    "action", ["probe-mark", pytest.param("probe-mark-outside", marks=pytest.mark.long)]
)
@pytest.mark.parametrize("point", WORKER_POINTS)
def test_a_worker_killed_at_any_point_loses_and_doubles_nothing(
    load, qcluster, tmp_path, wait_until, point, action
):
    mark = tmp_path / "happened"
    load.submit(20, action=action)

    # A worker that finds work claims by itself once, and from then on in each settlement.
    nth = 1 if point.startswith("claim.") else 2
    qcluster(workers=2, env=fault(point, "kill", nth=nth, mark=mark))

    wait_until(mark.exists, what="the fault")
    load.check()


@pytest.mark.parametrize("point", WORKER_POINTS)
def test_a_call_that_may_not_be_repeated_is_made_at_most_once(
    account, catalogue, qcluster, tmp_path, wait_until, point
):
    mark = tmp_path / "happened"
    for number in range(10):
        account.submit(ONCE, key=f"key-{number}")

    qcluster(workers=2, env=fault(point, "kill", nth=1, mark=mark))

    wait_until(mark.exists, what="the fault")
    assert account.check() == []
