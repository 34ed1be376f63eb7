"""Bodies that end their worker's process, multiply it, or leave it with too little."""

import psutil
import pytest
from django.db import transaction

from actions.models import Execution, Worker
from tests.faults.ward import Ward, check_error, outcomes, story
from tests.probe.models import Mark

# What each kind does to a worker in short is in test_poisons.
pytestmark = pytest.mark.long

LANES = ["poison-outside", "poison-inside", "poison-beside"]
DEADLY = ["segfault", "exit 3", "exit 0", "abort", "kills itself"]
ERRORS = ["sys.exit", "out of memory"]
# Those that share the lane of the poison and take turns with it, so that none is under way when
# it ends the worker; coroutines may be.
TURNS = {
    "poison-outside": ("probe-mark", "probe-mark-outside"),
    "poison-inside": ("probe-mark", "probe-mark-outside"),
    "poison-once": ("probe-mark", "probe-mark-outside"),
    "poison-beside": (),
}
LEAVING = ["many forks", "programs left"]


def gone(pid: int) -> bool:
    """Whether a process has ended; one that only waits to be buried has."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("poison", DEADLY)
@pytest.mark.parametrize("lane", LANES)
def test_a_body_that_kills_its_worker_three_times_is_given_up(ward, lane, poison):
    patient = ward.treat(poison, to=lane, among=TURNS[lane])

    check_error(patient, "crash_loop", attempts=3)
    assert outcomes(patient) == ["lost"] * 3
    assert ward.starts == 3
    assert not Mark.objects.filter(name="poison").exists()
    ward.check_health()


@pytest.mark.parametrize("poison", ["segfault", "exit 0"])
def test_a_body_that_kills_its_worker_and_may_not_be_repeated_has_one_attempt(ward, poison):
    patient = ward.treat(poison, to="poison-once", among=TURNS["poison-once"])

    check_error(patient, "worker_lost", attempts=1)
    assert patient.error["outcome"] == "unknown"
    assert ward.starts == 1
    ward.check_health()


@pytest.mark.parametrize("poison", ERRORS)
@pytest.mark.parametrize("lane", LANES)
def test_an_exit_or_a_lack_of_memory_is_an_error_like_any_other(ward, lane, poison):
    patient = ward.treat(poison, to=lane)

    check_error(patient, "exception", attempts=5)
    assert patient.error["type"] == {"sys.exit": "SystemExit"}.get(poison, "MemoryError")
    assert ward.starts == 5
    ward.check_health()


@pytest.mark.parametrize("lane", LANES)
def test_a_body_that_tells_its_worker_to_stop_ends_before_the_worker_does(ward, lane):
    patient = ward.treat("terminates itself", to=lane)

    assert (patient.status, patient.attempt_count, ward.starts) == ("succeeded", 1, 1)
    ward.check_health()


@pytest.mark.parametrize("lane", LANES)
def test_a_body_that_forks_and_returns_twice_has_one_end(ward, wait_until, lane):
    patient = ward.treat("fork", to=lane)

    assert (patient.status, patient.result) == ("succeeded", "the parent")
    assert (patient.attempt_count, ward.starts) == (1, 1)
    wait_until(lambda: all(gone(pid) for pid in ward.pids()), what="the child to end")
    workers = set(Worker.objects.values_list("pid", flat=True))
    assert not workers & set(ward.pids())
    ward.check_health()


@pytest.mark.parametrize("poison", LEAVING)
@pytest.mark.parametrize("lane", LANES)
def test_what_a_body_leaves_running_ends_with_its_worker(ward, wait_until, lane, poison):
    patient = ward.treat(poison, to=lane)

    assert (patient.status, patient.attempt_count, ward.starts) == ("succeeded", 1, 1)
    ward.check_health()
    assert len(ward.pids()) > 2
    wait_until(lambda: all(gone(pid) for pid in ward.pids()), what="what was left to end")


def test_what_a_body_leaves_running_ends_when_its_worker_is_killed(ward, wait_until):
    patient = ward.treat(
        "programs left by the dead", to="poison-outside", among=TURNS["poison-outside"]
    )

    check_error(patient, "crash_loop", attempts=3)
    assert len(ward.pids()) == 9
    wait_until(lambda: all(gone(pid) for pid in ward.pids()), what="what was left to end")
    ward.check_health()


def test_what_a_body_leaves_running_ends_when_its_worker_is_cut_off(ward, wait_until):
    patient = ward.treat("programs left by the hung", to="poison-short-outside")

    check_error(patient, "timeout", attempts=2)
    assert len(ward.pids()) == 6
    wait_until(lambda: all(gone(pid) for pid in ward.pids()), what="what was left to end")
    ward.check_health()


def give_at_once(ward: Ward, *actions: tuple[str, str]) -> list[Execution]:
    """Submit several in one transaction, so that a worker finds them together."""
    with transaction.atomic():
        return [ward.give(poison, to=action) for poison, action in actions]


@pytest.mark.parametrize("poison", ["segfault", "exit 0"])
def test_quick_neighbours_in_the_same_transaction_pay_nothing(ward, poison):
    """The poison's action is known as quick, so that its next body joins a group."""
    warm = give_at_once(ward, *[("harmless", "poison-inside")] * 45)
    ward.open()
    for one in warm:
        ward.end_of(one)
    first, *group = give_at_once(
        ward, (poison, "poison-inside"), *[("harmless", "poison-inside")] * 10
    )

    check_error(ward.end_of(first), "crash_loop", attempts=3)
    for one in group:
        ward.end_of(one)
    assert {one.status for one in group} == {"succeeded"}
    assert [one.attempt_count for one in group] == [1] * 10
    # The first death, in company, is charged to nobody.
    assert ward.starts == 45 + 1 + 3 + 10
    ward.check_health()


@pytest.mark.parametrize("lane", LANES)
def test_coroutines_beside_a_deadly_body_are_not_given_up(ward, lane):
    """Whoever dies with others has not shown that it is the one that kills."""
    beside = [ward.give("waits beside", to="poison-beside") for _ in range(3)]
    patient = ward.give("exit beside others", to=lane)
    ward.open()

    ward.end_of(patient, timeout=60)
    assert patient.error_code in ("crash_loop", "worker_lost")
    check_error(patient, patient.error_code, attempts=patient.attempt_count)
    (ward.directory / "poison.gate").touch()
    for one in beside:
        ward.end_of(one)
    assert [story(one) for one in beside if one.status != "succeeded"] == []
    ward.check_health()


@pytest.mark.parametrize("lane", ["poison-outside", "poison-inside"])
def test_a_plain_body_beside_a_deadly_coroutine_is_not_given_up(ward, lane):
    beside = ward.give("waits", to=lane)
    patient = ward.give("exit beside another", to="poison-beside")
    ward.open()

    ward.end_of(patient, timeout=60)
    assert patient.error_code in ("crash_loop", "worker_lost")
    check_error(patient, patient.error_code, attempts=patient.attempt_count)
    (ward.directory / "poison.gate").touch()
    assert story(ward.end_of(beside)).startswith(f"{lane} : succeeded")
    ward.check_health()
