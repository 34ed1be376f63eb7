"""Moments that neither a zone nor the database could hold are refused where they come in."""

import pytest

from actions import moments


@pytest.mark.parametrize(
    "text",
    ["9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59", "0001-01-01T00:00:00+14:00", "soon", ""],
)
def test_what_no_clock_could_show_is_no_moment(text):
    with pytest.raises(ValueError, match=r"9999|0001|soon|''"):
        moments.read(text)


def test_a_moment_without_a_zone_is_of_utc_unless_it_is_the_readers():
    assert moments.read("2026-11-22T04:15").isoformat() == "2026-11-22T04:15:00+00:00"
    assert moments.read("2026-11-22T04:15", is_local=True).tzinfo is None
