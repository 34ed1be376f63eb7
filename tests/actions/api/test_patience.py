"""How long a caller wishes to wait."""

import pytest

from actions.api import patience
from actions.errors import MalformedRequest


@pytest.mark.parametrize(
    ("prefer", "query", "seconds", "applied"),
    [
        ("", None, 5, ""),
        ("wait=3", None, 3, "wait=3"),
        ("wait=100", None, 30, "wait=30"),
        ("wait=0", None, 0, "wait=0"),
        ('wait="3"', None, 3, "wait=3"),
        ("Wait = 3", None, 3, "wait=3"),
        ("respond-async", None, 0, "respond-async"),
        ("Respond-Async", None, 0, "respond-async"),
        ("respond-async, wait=3", None, 3, "wait=3"),
        ("wait=3, wait=9", None, 3, "wait=3"),
        ('foo; bar="a, wait=9", wait=2', None, 2, "wait=2"),
        ("return=minimal", None, 5, ""),
        (",, ;", None, 5, ""),
        ("", "2", 2, ""),
        ("wait=9", "2", 2, ""),
        ("", "100", 30, ""),
    ],
)
def test_a_wish_is_read_from_the_query_or_the_header(prefer, query, seconds, applied):
    found = patience.read(prefer=prefer, query=query, default=5, longest=30)

    assert (found.seconds, found.applied) == (seconds, applied)


def test_nobody_waits_longer_than_the_longest_wait():
    assert patience.read(prefer="", query=None, default=5, longest=2).seconds == 2


@pytest.mark.parametrize("prefer", ["wait", "wait=", "wait=-1", "wait=1.5", "wait=soon"])
def test_a_wait_without_seconds_is_a_mistake(prefer):
    with pytest.raises(MalformedRequest, match="give whole seconds"):
        patience.read(prefer=prefer, query=None, default=5, longest=30)
