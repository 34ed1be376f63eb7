"""Durations and counts as people say them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.sentences import duration, ordinal, times
from tests.actions.properties import often


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 ms"),
        (-5, "0 ms"),
        (0.0004, "0 ms"),
        (0.003, "3 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (1, "1.0 s"),
        (6.1, "6.1 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min"),
        (60, "1 min"),
        (62, "1 min 2 s"),
        (3_599.6, "1 h"),
        (3_660, "1 h 1 min"),
        (7_500, "2 h 5 min"),
        (86_400, "1 d"),
        (187_200, "2 d 4 h"),
        (31_536_000, "365 d"),
        (timedelta(milliseconds=38), "38 ms"),
        (timedelta(hours=3, minutes=12), "3 h 12 min"),
    ],
)
def test_a_duration_has_the_units_that_fit(seconds, words):
    assert duration(seconds) == words


@often
@given(st.floats(-1e9, 1e12))
def test_every_duration_is_short_and_never_sixty_of_a_unit(seconds):
    words = duration(seconds)

    assert len(words) < 24
    assert not words.startswith(("60.0 s", "60 s", "60 min", "24 h", "1000 ms"))
    assert " 60 " not in words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "never"),
        (1, "once"),
        (2, "twice"),
        (3, "three times"),
        (10, "ten times"),
        (11, "11 times"),
        (1_200, "1,200 times"),
    ],
)
def test_how_often_is_a_word_up_to_ten(count, words):
    assert times(count) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "first"),
        (3, "third"),
        (10, "tenth"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (22, "22nd"),
        (23, "23rd"),
        (111, "111th"),
        (1_001, "1,001st"),
    ],
)
def test_which_one_is_a_word_up_to_ten(number, words):
    assert ordinal(number) == words
