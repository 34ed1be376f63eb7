"""What a body leaves behind in its worker harms nobody who comes after it."""

import pytest

from actions.models import Execution
from tests.faults.ward import story
from tests.probe.poisons.spoils import DEEDS

# What each kind does to a worker in short is in test_poisons.
pytestmark = pytest.mark.long

# Neither does a worker that is deaf or busy keep the cluster from stopping.
OF_THE_SESSION = [
    "autocommit", "BEGIN", "closed connection", "closed socket", "search path", "role",
    "statement timeout", "lock timeout", "read only", "time zone", "date style", "advisory lock", "LISTEN",
    "temporary table", "prepared statement", "settings of the session", "open cursor",
]  # fmt: skip
# A body inside the engine's transaction can do these too, and lives to tell.
INSIDE = [
    "search path", "role", "statement timeout", "lock timeout", "time zone", "advisory lock",
    "LISTEN", "temporary table", "prepared statement", "settings of the session", "open cursor",
]  # fmt: skip
# These come due only after the body has ended.
TIMERS = ["interval timer", "alarm"]
OF_THE_PROCESS = [name for name in DEEDS if name not in (*OF_THE_SESSION, *TIMERS)]
# Python lets only the main thread change a signal's handler.
OF_ANY_THREAD = [name for name in OF_THE_PROCESS if name != "signal handlers"]
STATES = ("probe-state-outside", "probe-state-inside", "probe-state-beside")


def states(ward) -> dict[str, object]:
    """In what state each lane finds the worker; each reading is an execution of its own."""
    given = {action: ward.submit(action) for action in STATES}
    found = {action: ward.end_of(execution) for action, execution in given.items()}
    assert {one.status for one in found.values()} == {"succeeded"}, found
    assert {one.attempt_count for one in found.values()} == {1}, list(map(story, found.values()))
    return {action: execution.result for action, execution in found.items()}


def check_spoilt(ward, spoil: str, *, lane: str) -> Execution:
    """Spoil the worker, and find the next one as it was before; return what spoilt it."""
    ward.open()
    before = states(ward)
    ward.surround()
    patient = ward.give(f"left: {spoil}", to=lane)
    ward.surround()

    ward.end_of(patient)
    after = states(ward)

    changed = {
        f"{action}: {name}": (value, after[action][name])
        for action, found in before.items()
        for name, value in found.items()
        if after[action][name] != value
    }
    assert changed == {}
    ward.check_health()
    return patient


def check_succeeded(ward, patient: Execution, *, starts: int = 1) -> None:
    """What it left behind changed nothing about its own end."""
    assert story(patient) == f"{patient.action_name} : succeeded after ['succeeded']"
    assert ward.starts == starts


@pytest.mark.parametrize("spoil", OF_THE_PROCESS)
def test_a_worker_that_a_body_has_spoilt_is_as_before_for_the_next(ward, spoil):
    patient = check_spoilt(ward, spoil, lane="poison-outside")

    check_succeeded(ward, patient)


@pytest.mark.parametrize("spoil", OF_ANY_THREAD)
def test_a_worker_that_a_coroutine_has_spoilt_is_as_before_for_the_next(ward, spoil):
    patient = check_spoilt(ward, spoil, lane="poison-beside")

    check_succeeded(ward, patient)


@pytest.mark.parametrize("spoil", OF_THE_SESSION)
def test_a_session_that_an_external_body_has_spoilt_is_as_before_for_the_next(ward, spoil):
    patient = check_spoilt(ward, spoil, lane="poison-outside")

    check_succeeded(ward, patient)


@pytest.mark.parametrize("spoil", INSIDE)
def test_a_session_that_a_transactional_body_has_spoilt_is_as_before_for_the_next(ward, spoil):
    patient = check_spoilt(ward, spoil, lane="poison-inside")

    # It runs in the session that settles it, so it may have spoilt its own end.
    assert patient.status == "succeeded" or patient.error_code != "unstorable"
    assert ward.starts <= 2 * patient.attempt_count


@pytest.mark.parametrize("lane", ["poison-outside", "poison-beside"])
@pytest.mark.parametrize("timer", TIMERS)
def test_a_timer_that_a_body_has_set_interrupts_nobody_after_it(ward, timer, lane):
    ward.open()
    patient = ward.end_of(ward.give(f"left: {timer}", to=lane))
    later = [ward.give("rests", to=after) for after in ("poison-outside", "poison-inside")]

    for one in later:
        ward.end_of(one)

    check_succeeded(ward, patient, starts=3)
    assert [one.attempt_count for one in later] == [1, 1], [story(one) for one in later]
    ward.check_health()
