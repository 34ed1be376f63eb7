"""One poison of each kind: it ends after its attempts, classified, and harms nobody."""

import pytest
from django.db import transaction

from actions.models import Attempt, Worker
from actions.promises import broken_promises
from tests.faults.ward import check_error, story
from tests.probe.models import Mark

# What it does, to which action, how that ends, and after how many attempts.
DEADLY = [
    ("segfault", "poison-inside", "crash_loop", 3),
    ("exit 3", "poison-outside", "crash_loop", 3),
    ("kills itself", "poison-once", "worker_lost", 1),
    ("sys.exit", "poison-beside", "exception", 5),
    ("endless loop", "poison-short-inside", "timeout", 2),
    ("stubborn loop", "poison-short-outside", "timeout", 2),
    ("loop in C", "poison-short-once", "timeout", 1),
    ("stubborn wait", "poison-short-beside", "timeout", 2),
    ("sql: COMMIT", "poison-inside", "transaction_ended", 1),
]
SPOILING = ["thread", "signal handlers", "memory limit", "directory"]


@pytest.mark.parametrize(("poison", "action", "code", "attempts"), DEADLY)
def test_it_ends_after_its_attempts_and_the_next_one_is_clean(ward, poison, action, code, attempts):
    patient = ward.treat(poison, to=action, among=("probe-mark",))

    check_error(patient, code, attempts=attempts)
    assert not Mark.objects.filter(name="poison").exists()
    ward.check_health()


@pytest.mark.parametrize("poison", SPOILING)
def test_a_worker_that_was_spoilt_is_replaced(ward, poison):
    patient = ward.treat(f"left: {poison}", to="poison-outside", among=("probe-mark",))

    assert patient.status == "succeeded"
    spoilt = Attempt.objects.get(execution=patient).worker_id
    ward.check_health()
    assert Worker.objects.get(id=spoilt).state == "stopped"
    assert Worker.objects.count() > 1


@pytest.mark.parametrize("count", [1, 6])
def test_what_has_not_begun_beside_a_coroutine_that_blocks_its_lane_pays_nothing(ward, count):
    with transaction.atomic():
        patient = ward.give("endless loop", to="poison-short-beside-once")
        beside = [ward.submit("probe-nap", seconds=0) for _ in range(count)]
    ward.open()

    ended = [ward.end_of(one) for one in beside]

    assert {one.status for one in ended} == {"succeeded"}, list(map(story, ended))
    assert {(one.attempt_count, one.crash_count, one.loss_count) for one in ended} == {(1, 0, 0)}
    check_error(ward.end_of(patient), "timeout", attempts=1)
    assert broken_promises() == []


def test_what_has_begun_beside_a_coroutine_that_blocks_its_lane_is_no_crash(ward):
    with transaction.atomic():
        beside = ward.submit("probe-nap", seconds=60)
        patient = ward.give("endless loop", to="poison-short-beside")
    ward.open()

    check_error(ward.end_of(patient), "timeout", attempts=2)

    ward.end_of(beside)
    assert (beside.error_code, beside.error["outcome"], beside.crash_count) == (
        "worker_lost",
        "unknown",
        0,
    )
