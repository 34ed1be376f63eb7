"""A worker that dies, fails or stands still at a named point of the engine's story."""

import pytest

from actions.faults import POINTS
from tests.faults.accounts import ONCE, ONCE_IN_TURN

# A worker reaches these; the others belong to whoever submits or reaps.
WORKER_POINTS = sorted(
    point for point in POINTS if not point.startswith(("submit.", "reap.", "advance."))
)


# What has no limit is claimed by one statement, so there is no point before its commit.
IN_TURN = {
    "probe-mark": "probe-mark-in-turn",
    "probe-mark-outside": "probe-mark-in-turn",
    ONCE: ONCE_IN_TURN,
}


def reaching(point: str, action: str) -> str:
    """The action, or where that cannot reach the point, one that can."""
    return IN_TURN[action] if point == "claim.before-commit" else action


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
    load.submit(20, action=reaching(point, action))

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
        account.submit(reaching(point, ONCE), key=f"key-{number}")

    qcluster(workers=2, env=fault(point, "kill", nth=1, mark=mark))

    wait_until(mark.exists, what="the fault")
    assert account.check() == []
