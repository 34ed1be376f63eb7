"""Bodies that never end, in whatever way they prevent it."""

import pytest

from actions import executions
from tests.faults.ward import NEIGHBOURS, check_error, outcomes
from tests.fixtures.engine import TESTER
from tests.probe.models import Mark

# Deadlines, graces and new workers add up.
pytestmark = pytest.mark.long

# In the main thread: what a signal's handler can end, and what only a kill can.
INTERRUPTIBLE = ["endless loop", "wait in C", "blocked thread"]
DEAF = ["stubborn loop", "loop in C", "stubborn wait in C", "thread in C"]
BLOCKING = ["endless loop", "stubborn loop", "loop in C", "stubborn wait in C", "blocked thread"]


def cancel(execution) -> None:
    executions.cancel(execution_id=execution.id, by=TESTER, reason="enough")


@pytest.mark.parametrize("poison", INTERRUPTIBLE)
@pytest.mark.parametrize("lane", ["poison-short-outside", "poison-short-inside"])
def test_a_body_that_never_ends_is_interrupted_at_its_deadline(ward, lane, poison):
    patient = ward.treat(poison, to=lane)

    check_error(patient, "timeout", attempts=2)
    assert outcomes(patient) == ["timed_out"] * 2
    assert ward.starts == 2
    assert not Mark.objects.filter(name="poison").exists()
    ward.check_health()


@pytest.mark.parametrize("poison", DEAF)
@pytest.mark.parametrize("lane", ["poison-short-outside", "poison-short-inside"])
def test_a_body_that_no_signal_reaches_ends_with_its_worker(ward, lane, poison):
    patient = ward.treat(poison, to=lane)

    check_error(patient, "timeout", attempts=2)
    assert outcomes(patient) == ["timed_out"] * 2
    assert ward.starts == 2
    assert not Mark.objects.filter(name="poison").exists()
    ward.check_health()


@pytest.mark.parametrize("poison", BLOCKING)
def test_a_coroutine_that_blocks_its_lane_ends_with_its_worker(ward, poison):
    if poison == "loop in C":
        # It stops the other lane too, in the middle of whatever that does.
        ward.may_pay = NEIGHBOURS
    patient = ward.treat(poison, to="poison-short-beside")

    check_error(patient, "timeout", attempts=2)
    assert ward.starts == 2
    ward.check_health()


@pytest.mark.parametrize("poison", ["endless loop", "wait in C"])
def test_a_body_that_may_not_be_repeated_and_ignores_a_cancel_may_have_acted(
    ward, wait_until, poison
):
    patient = ward.give(poison, to="poison-once")
    ward.open()
    wait_until(lambda: ward.starts, what="the body")

    cancel(patient)

    patient = ward.end_of(patient)
    check_error(patient, "interrupted", attempts=1)
    assert patient.error["outcome"] == "unknown"
    ward.check_health()


@pytest.mark.parametrize("poison", ["endless wait", "stubborn wait"])
def test_a_coroutine_that_waits_for_ever_ends_however_it_takes_that(ward, poison):
    patient = ward.treat(poison, to="poison-short-beside")

    check_error(patient, "timeout", attempts=2)
    assert ward.starts == 2
    ward.check_health()


@pytest.mark.parametrize("poison", ["endless loop", "loop in C"])
def test_a_body_cut_off_that_may_not_be_repeated_has_one_attempt(ward, poison):
    patient = ward.treat(poison, to="poison-short-once")

    check_error(patient, "timeout", attempts=1)
    assert patient.error["outcome"] == "unknown"
    assert ward.starts == 1
    ward.check_health()


@pytest.mark.parametrize(
    ("poison", "lane"),
    [("endless loop", "poison-outside"), ("loop in C", "poison-inside"),
     ("endless wait", "poison-beside"), ("blocked thread", "poison-beside")],
)  # fmt: skip
def test_an_action_without_a_timeout_has_that_of_the_settings(ward, poison, lane):
    ward.env = {**ward.env, "ACTIONSITE_DEFAULT_TIMEOUT_SECONDS": "1"}
    patient = ward.treat(poison, to=lane, timeout=45)

    check_error(patient, "timeout", attempts=5)
    assert ward.starts == 5
    ward.check_health()


@pytest.mark.parametrize("lane", ["poison-outside", "poison-inside"])
@pytest.mark.parametrize("poison", ["endless loop", "wait in C"])
def test_a_body_that_ignores_a_cancel_is_interrupted(ward, wait_until, poison, lane):
    patient = ward.give(poison, to=lane)
    ward.open()
    wait_until(lambda: ward.starts, what="the body")

    cancel(patient)

    assert (ward.end_of(patient).status, patient.attempt_count) == ("cancelled", 1)
    assert ward.starts == 1
    ward.check_health()


@pytest.mark.parametrize("poison", ["endless wait", "stubborn wait"])
def test_a_coroutine_that_ignores_a_cancel_is_interrupted(ward, wait_until, poison):
    patient = ward.give(poison, to="poison-beside")
    ward.open()
    wait_until(lambda: ward.starts, what="the body")

    cancel(patient)

    assert (ward.end_of(patient).status, patient.attempt_count) == ("cancelled", 1)
    assert ward.starts == 1
    ward.check_health()


@pytest.mark.parametrize("poison", DEAF)
@pytest.mark.parametrize("lane", ["poison-outside", "poison-inside"])
def test_a_cancelled_body_that_no_signal_reaches_ends_with_its_worker(
    ward, wait_until, lane, poison
):
    patient = ward.give(poison, to=lane)
    ward.open()
    wait_until(lambda: ward.starts, what="the body")

    cancel(patient)

    assert (ward.end_of(patient).status, patient.attempt_count) == ("cancelled", 1)
    assert ward.starts == 1
    assert not Mark.objects.filter(name="poison").exists()
    ward.check_health()


@pytest.mark.parametrize("poison", ["stubborn loop", "loop in C"])
def test_a_cancelled_body_that_was_killed_and_is_not_repeatable_has_an_unknown_outcome(
    ward, wait_until, poison
):
    patient = ward.give(poison, to="poison-once")
    ward.open()
    wait_until(lambda: ward.starts, what="the body")

    cancel(patient)

    ward.end_of(patient)
    assert (patient.status, patient.attempt_count) == ("failed", 1)
    assert patient.error["outcome"] == "unknown"
    ward.check_health()


@pytest.mark.parametrize("poison", ["stubborn loop", "loop in C", "stubborn wait in C"])
def test_a_cluster_leaves_in_time_with_a_body_that_never_ends(ward, wait_until, poison):
    patient = ward.give(poison, to="poison-outside")
    ward.open()
    wait_until(lambda: ward.starts, what="the body")

    ward.close()

    patient.refresh_from_db()
    assert patient.status in ("running", "retrying")
