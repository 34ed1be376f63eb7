"""Durations are counted in slots, from which a quantile is estimated within a fifth."""

import math
from statistics import NormalDist

import pytest
from django.db import connection

from actions.durations import SLOT_COUNT, quantile, slot_in_sql, slot_of

TIMES = (0.0, 0.0004, 0.00101, 0.0015, 0.0301, 1.0, 1.4, 61.5, 3_600.0, 1e6, 1e12)


def counted(times):
    slots = [0] * SLOT_COUNT
    for seconds in times:
        slots[slot_of(seconds)] += 1
    return slots


@pytest.mark.parametrize("fraction", [0.01, 0.5, 0.95, 0.99])
@pytest.mark.parametrize("scale", [0.004, 2.0, 4_000.0])
def test_a_quantile_is_within_a_fifth_of_the_true_one(fraction, scale):
    normal = NormalDist()
    times = [0.001 + scale * math.exp(normal.inv_cdf(n / 20_000)) for n in range(1, 20_000)]

    found = quantile(counted(times), fraction, shortest=times[0], longest=times[-1])

    true = times[int(fraction * len(times))]
    assert true * 0.83 <= found <= true * 1.2


def test_a_single_duration_is_its_own_quantile():
    assert quantile(counted([0.0371]), 0.95, shortest=0.0371, longest=0.0371) == 0.0371


def test_of_no_duration_there_is_no_quantile():
    assert quantile(counted([]), 0.5, shortest=0.0, longest=0.0) is None


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", TIMES)
def test_the_database_counts_in_the_same_slots(seconds):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {slot_in_sql('%(s)s::float8')}", {"s": seconds})

        assert cursor.fetchone() == (slot_of(seconds),)


@pytest.mark.django_db
def test_the_database_counts_nothing_in_no_slot():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {slot_in_sql('NULL::float8')}")

        assert cursor.fetchone() == (None,)
