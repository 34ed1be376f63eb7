"""The `format`s that are tested, not only written down.

Floor 1, pure. An unknown format says nothing, as JSON Schema has it.
"""

import re
from datetime import date, datetime, time
from urllib.parse import urlsplit

from jsonschema import FormatChecker

from actions.schema import patterns

# What each format is called in a message to the caller, with an example.
IN_WORDS = {
    "date": "a date, as 2026-11-22",
    "date-time": "a time with its offset, as 2026-11-22T02:15:10Z",
    "time": "a time of day, as 02:15:10",
    "duration": "a duration, as PT1H30M",
    "email": "an e-mail address",
    "hostname": "a host name",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "json-pointer": "a JSON pointer, as /params/amount",
    "regex": "a regular expression",
    "uri": "a URL with its scheme, as https://example.com/",
    "uuid": "a UUID",
}

FORMATS = FormatChecker(formats=("ipv4", "ipv6", "uuid"))


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CLOCK = r"\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?"
_OFFSET = r"(?:[Zz]|[+-]\d{2}:\d{2})"
_TIME = re.compile(rf"{_CLOCK}{_OFFSET}?", re.ASCII)
_DATE_TIME = re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}[Tt ]{_CLOCK}{_OFFSET}", re.ASCII)
_DURATION = re.compile(
    r"[+-]?P(?=[\dT])(?:\d{1,9}W|(?:\d{1,9}Y)?(?:\d{1,9}M)?(?:\d{1,9}D)?"
    r"(?:T(?=\d)(?:\d{1,9}H)?(?:\d{1,9}M)?(?:\d{1,9}(?:\.\d{1,9})?S)?)?)",
    re.ASCII,
)
_EMAIL = re.compile(r"[^@\s\x00-\x20<>,;:\"]{1,64}@[^@\s\x00-\x20<>,;:\"]{1,255}")
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_HOSTNAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*", re.ASCII)
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*", re.ASCII)
_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)*")
_FRACTION = re.compile(r"(\.\d{1,6})\d*")


def _fits(pattern: re.Pattern[str], value: object) -> bool:
    # A format speaks of text only; that it has to be text is for `type` to say.
    return not isinstance(value, str) or pattern.fullmatch(value) is not None


@FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or (_fits(_DATE, value) and bool(date.fromisoformat(value)))


@FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return _fits(_DATE_TIME, value) and bool(datetime.fromisoformat(_microseconds(value)))


@FORMATS.checks("time", raises=ValueError)
def _is_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return _fits(_TIME, value) and time.fromisoformat(_microseconds(value)) is not None


@FORMATS.checks("duration")
def _is_duration(value: object) -> bool:
    return _fits(_DURATION, value)


@FORMATS.checks("email")
def _is_email(value: object) -> bool:
    return _fits(_EMAIL, value)


@FORMATS.checks("hostname")
def _is_hostname(value: object) -> bool:
    return _fits(_HOSTNAME, value)


@FORMATS.checks("json-pointer")
def _is_pointer(value: object) -> bool:
    return _fits(_POINTER, value)


@FORMATS.checks("regex", raises=patterns.PatternInvalid)
def _is_regex(value: object) -> bool:
    if isinstance(value, str):
        patterns.check(value)
    return True


@FORMATS.checks("uri", raises=ValueError)
def _is_uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if not value.isascii() or any(character <= " " for character in value):
        return False
    parts = urlsplit(value)
    return _fits(_SCHEME, parts.scheme) and bool(parts.netloc or parts.path)


def _microseconds(text: str) -> str:
    """Python reads six digits of a second and a capital Z; RFC 3339 allows more."""
    return _FRACTION.sub(r"\1", text).upper()
