"""The log of a run, which is read page by page: to its end, whenever that comes."""

import pytest

from do_sdk.kinds import RUNS
from do_sdk.streams import Reader
from tests.sdk.test_core import World, answer, log


def test_a_log_that_is_read_ends_once_the_run_has_ended_and_all_is_told():
    world = World(
        [
            answer("running", kind="run"),
            log("accepted", "started", cursor="2"),
            log("step_started", first=3),
            log(first=4),
            answer("running", kind="run"),
            log("step_succeeded", "succeeded", first=4),
            answer("succeeded", kind="run"),
            log(first=6),
        ]
    )

    types = world.read(Reader(RUNS, "exec_1", after=0))

    assert types == ["accepted", "started", "step_started", "step_succeeded", "succeeded"]
    # Once a second, and at once where more is there already.
    assert world.pauses == [1.0] * 3
    cursors = [dict(one.request.query)["cursor"] for one in world.sent if one.request.query]
    assert cursors == ["0", "2", "3", "3", "5"]


# The run ends between any two questions: its log is read to the end all the same.
ENDS = {
    "before the first": [answer("succeeded", kind="run"), log("accepted", "succeeded")],
    "between a look and its page": [
        answer("running", kind="run"),
        log("accepted", "succeeded"),
        answer("succeeded", kind="run"),
        log(first=3),
    ],
    "with more than a page": [
        answer("succeeded", kind="run"),
        log("accepted", cursor="1"),
        log("succeeded", first=2),
    ],
    "just after a page": [
        answer("running", kind="run"),
        log("accepted"),
        log(first=2),
        answer("succeeded", kind="run"),
        log("succeeded", first=2),
    ],
}


@pytest.mark.parametrize("stall", [0, 3_600])
@pytest.mark.parametrize("order", ENDS.values(), ids=ENDS)
def test_a_log_is_read_to_its_end_whenever_the_run_ends(order, stall):
    world = World(list(order), stall=stall)

    assert world.read(Reader(RUNS, "exec_1", after=0)) == ["accepted", "succeeded"]
    # However long the machine stood still, each question has its time.
    assert {one.allowance.left for one in world.sent} == {60}


def test_a_log_that_always_promises_more_is_not_asked_without_a_pause():
    look = [answer("running", kind="run"), log(cursor="9")]
    world = World(look * 2)
    reader = Reader(RUNS, "exec_1", after=0)

    for _ in range(2):
        world.run(reader.more(budget=lambda: world.budget(60)))

    assert world.pauses == [1.0]
