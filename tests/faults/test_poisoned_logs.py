"""More log lines and progress than the record takes, and what they cannot be."""

import pytest

from actions.context import MAX_LOG_LINES, MAX_LOG_MESSAGE
from actions.models import Attempt, LogLine

# What each kind does to a worker in short is in test_poisons.
pytestmark = pytest.mark.long

LANES = ["poison-outside", "poison-inside", "poison-beside"]


def lines_of(execution) -> list[LogLine]:
    return list(LogLine.objects.filter(execution=execution).order_by("number"))


@pytest.mark.parametrize("lane", LANES)
def test_ten_thousand_lines_are_cut_and_the_last_one_says_so(ward, lane):
    patient = ward.treat("log: many lines", to=lane)

    lines = lines_of(patient)
    assert patient.status == "succeeded"
    assert [one.number for one in lines] == list(range(1, MAX_LOG_LINES + 1))
    assert "dropped" in lines[-1].message
    ward.check_health()


@pytest.mark.parametrize("lane", LANES)
def test_a_line_that_is_too_long_is_cut_and_says_so(ward, lane):
    patient = ward.treat("log: a long line", to=lane)

    (line,) = lines_of(patient)
    assert patient.status == "succeeded"
    assert len(line.message) <= MAX_LOG_MESSAGE
    assert "cut" in line.message
    ward.check_health()


@pytest.mark.parametrize("lane", LANES)
def test_fields_that_are_no_json_are_replaced_by_what_they_are(ward, lane):
    patient = ward.treat("log: odd fields", to=lane)

    *fields, message = lines_of(patient)
    assert patient.status == "succeeded"
    assert len(fields) == 8
    assert all(one.fields for one in fields)
    assert "dropped" in fields[-1].fields
    assert message.message == "odd\ufffd?"
    ward.check_health()


@pytest.mark.parametrize("lane", ["poison-outside", "poison-inside", "poison-beside"])
@pytest.mark.parametrize("poison", ["large", "no JSON", "NUL", "NaN"])
def test_a_progress_that_cannot_be_kept_is_dropped_and_says_so(ward, lane, poison):
    patient = ward.treat(f"progress: {poison}", to=lane)

    assert (patient.status, patient.attempt_count) == ("succeeded", 1)
    (attempt,) = Attempt.objects.filter(execution=patient)
    assert attempt.progress == "(lock)" if poison == "no JSON" else "dropped" in attempt.progress
    ward.check_health()
