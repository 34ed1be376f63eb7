"""Formats are tested, and only where the value is text."""

import pytest

from actions.schema import violations

FITTING = {
    "date": ["2026-11-22", "2024-02-29", "0001-01-01"],
    "date-time": [
        "2026-11-22T02:15:10Z",
        "2026-11-22t02:15:10z",
        "2026-11-22 02:15:10+01:00",
        "2026-11-22T02:15:10.123456789-23:59",
        "2026-11-22T02:15:10.1Z",
    ],
    "time": ["02:15:10", "02:15:10Z", "23:59:59.999+01:00"],
    "duration": ["P1D", "PT1H30M", "P1Y2M3DT4H5M6.5S", "P2W", "-PT1S", "PT0S"],
    "email": ["ada@example.com", "ada+tag@sub.example.com", "ä@exämple.com"],
    "hostname": ["example.com", "localhost", "a-b.c", "1.example"],
    "ipv4": ["127.0.0.1"],
    "ipv6": ["::1", "2001:db8::1"],
    "json-pointer": ["", "/a/0/~0~1"],
    "regex": ["^a+$"],
    "uri": ["https://example.com/a?b=c#d", "mailto:ada@example.com", "urn:isbn:1"],
    "uuid": ["12345678-1234-5678-1234-567812345678"],
    "made-up": ["anything"],
}
FAILING = {
    "date": [
        "2026-11-31",
        "2025-02-29",
        "2026-1-1",
        "20261122",
        "2026-W01-1",
        "",
        "\uff12026-11-22",
    ],
    "date-time": [
        "2026-11-22T02:15:10",
        "2026-11-22",
        "2026-11-22T25:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-22T02:15Z",
        "2026-11-22T02:15:10+0100",
        "2026-11-22T23:59:60Z",
        "now",
        "",
        "2026-11-22T02:15:10+24:00",
        "2026-11-22T02:15:10Z\n",
    ],
    "time": ["24:00:00", "2:15", "02:15:10+99:00", ""],
    "duration": ["P", "PT", "1D", "P1H", "PT1D", "P1S", "", "P1DT"],
    "email": [
        "ada",
        "@example.com",
        "ada@",
        "a b@c.d",
        "a@b@c",
        "ada@example.com\nBcc: x",
        "<a@b.c>",
    ],
    "hostname": ["", "-a.com", "a-.com", "a..b", "a_b.com", "x" * 64, ".".join(["a" * 60] * 5)],
    "ipv4": ["256.0.0.1", "127.1", "01.1.1.1"],
    "ipv6": ["::g", "1"],
    "json-pointer": ["a", "/~2", "/~"],
    "regex": ["(", "a{99999999999999999999}", "(" * 900 + ")" * 900, "a" * 1_001],
    "uri": [
        "example.com",
        "//example.com",
        "https://a b",
        "",
        ":a",
        "https://exämple.com",
        "http://[::1",
        "http:",
    ],
    "uuid": ["12345678", "12345678123456781234567812345678x"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(n, v) for n, values in FITTING.items() for v in values]
)
def test_what_has_the_format_is_accepted(name, value):
    assert violations({"format": name}, value) == []


@pytest.mark.parametrize(
    ("name", "value"), [(n, v) for n, values in FAILING.items() for v in values]
)
def test_what_has_not_the_format_is_told_so(name, value):
    (problem,) = violations({"format": name}, value)

    assert problem.code == "format"


@pytest.mark.parametrize("name", FAILING)
@pytest.mark.parametrize("value", [None, 5, [], {}])
def test_a_format_says_nothing_about_what_is_not_text(name, value):
    assert violations({"format": name}, value) == []


@pytest.mark.parametrize("name", FAILING)
def test_a_megabyte_of_text_is_judged_at_once(name):
    for text in ("a" * 1_000_000, "1" * 1_000_000, "a@" * 500_000, "P1" * 500_000, "a." * 500_000):
        assert isinstance(violations({"format": name}, text), list)
