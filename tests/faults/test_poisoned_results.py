"""Results that are none and errors that can hardly be written down, in every lane of a worker."""

import pytest

from tests.faults.ward import check_error
from tests.probe.models import Mark
from tests.probe.poisons.errors import POISONS as ERRORS
from tests.probe.poisons.results import POISONS as RESULTS

# What each kind does to a worker in short is in test_poisons.
pytestmark = pytest.mark.long

LANES = ["poison-outside", "poison-inside", "poison-beside"]
TOO_LARGE = "result: fifty megabytes"


@pytest.mark.parametrize("poison", RESULTS)
def test_what_is_no_result_is_one_clear_error_that_is_final(ward, poison):
    code = "result_too_large" if poison == TOO_LARGE else "result_invalid"
    ward.surround()
    given = [ward.give(poison, to=lane) for lane in LANES]
    ward.surround()
    ward.open()

    for execution in given:
        check_error(ward.end_of(execution), code, attempts=1)

    if poison == TOO_LARGE:
        assert "1,048,576" in given[0].error["message"]
    assert ward.starts == len(LANES)
    assert not Mark.objects.filter(name="poison").exists()
    ward.check_health()


@pytest.mark.parametrize("poison", ERRORS)
def test_an_error_that_is_hard_to_write_down_is_recorded_and_cut(ward, poison):
    ward.surround()
    given = [ward.give(poison, to=lane) for lane in LANES]
    ward.surround()
    ward.open()

    for execution in given:
        check_error(ward.end_of(execution), "exception", attempts=5)
        assert len(execution.error["traceback"]) <= 16_500
        assert len(execution.error["type"]) <= 300

    assert ward.starts == 5 * len(LANES)
    assert not Mark.objects.filter(name="poison").exists()
    ward.check_health()
