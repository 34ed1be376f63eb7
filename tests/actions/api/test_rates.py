"""How often a caller may call, by a clock of the test's own."""

import pytest

from actions.api.rates import Rates


def test_a_minutes_worth_may_come_at_once():
    rates = Rates()

    standings = [rates.count("a", limit=3, now=100.0) for _ in range(4)]

    assert [one.remaining for one in standings] == [2, 1, 0, 0]
    assert [one.wait_seconds for one in standings] == [None, None, None, pytest.approx(20)]


def test_what_was_spent_comes_back_evenly():
    rates = Rates()
    for _ in range(3):
        rates.count("a", limit=3, now=100.0)

    early, in_time = rates.count("a", limit=3, now=119.0), rates.count("a", limit=3, now=120.0)

    assert early.wait_seconds == pytest.approx(1)
    assert in_time.wait_seconds is None


def test_a_refused_request_costs_nothing():
    rates = Rates()
    rates.count("a", limit=1, now=100.0)
    for moment in range(101, 160):
        rates.count("a", limit=1, now=float(moment))

    assert rates.count("a", limit=1, now=160.0).wait_seconds is None


def test_callers_are_counted_by_themselves():
    rates = Rates()
    rates.count("a", limit=1, now=100.0)

    assert rates.count("b", limit=1, now=100.0).wait_seconds is None


def test_callers_who_have_it_all_back_are_forgotten():
    rates = Rates()
    for number in range(10_000):
        rates.count(f"early-{number}", limit=60, now=100.0)

    rates.count("late", limit=60, now=200.0)

    assert list(rates._spent_until) == ["late"]
