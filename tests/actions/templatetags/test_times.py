"""Moments and spans as people read them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from actions.templatetags import times

MOMENT = datetime(2026, 11, 22, 2, 15, 10, 204_000, tzinfo=UTC)
NOW = "2026-11-22T02:33:12Z"


@time_machine.travel(NOW, tick=False)
def test_a_moment_of_today_is_a_clock_time_with_the_whole_behind_it():
    assert times.when(MOMENT) == (
        '<time datetime="2026-11-22T02:15:10.204+00:00" '
        'title="2026-11-22 02:15:10.204 UTC">02:15:10</time>'
    )


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (MOMENT, "02:15:10"),
        (MOMENT - timedelta(days=1), "21 Nov 02:15:10"),
        (MOMENT - timedelta(days=365), "22 Nov 2025 02:15:10"),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_the_date_stands_before_the_clock_unless_it_is_today(moment, shown):
    assert times.clock(moment) == shown


@time_machine.travel(NOW, tick=False)
def test_the_readers_zone_decides_the_clock_and_the_day():
    with timezone.override(ZoneInfo("America/Los_Angeles")):
        assert times.clock(MOMENT) == "18:15:10"
        assert times.zone_name() == "PST"
        assert times.full(MOMENT).endswith("PST")
        assert times.iso(MOMENT).endswith("+00:00")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (29, "29 s ago"),
        (-4, "in 4 s"),
        (18 * 60, "18 min ago"),
        (26 * 3600, "26 h ago"),
        (3 * 86_400, "3 days ago"),
    ],
)
def test_a_distance_from_now_has_the_unit_that_fits(seconds, words):
    assert times.relative(seconds) == words


def test_nothing_is_shown_for_a_moment_that_has_not_come():
    assert times.when(None) == times.ago(None) == times.ticking(None) == times.span(None) == ""
