"""The URL of an HTTP action: which part must be literal, and what may be filled into the rest.

Floor 1, pure. Where a request goes is the definition's to say; its params fill in the rest.
"""

import re
from urllib.parse import quote, unquote, urlsplit

_BEGINNING = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_OPEN = "${{"
_HOST_IS_DYNAMIC = (
    "The host must be literal: an expression may stand only after the / that ends it. "
    "Set allow_dynamic_host to let params choose where the request goes."
)
_DOTS = frozenset({".", ".."})


def problems(url: str, *, is_dynamic: bool) -> list[str]:
    """What is wrong with the URL of a definition, in sentences; empty if nothing is."""
    literal = url.split(_OPEN, maxsplit=1)[0]
    has_expression = _OPEN in url
    beginning = _BEGINNING.match(literal)
    if has_expression and is_dynamic and (beginning is None or beginning.end() == len(literal)):
        return []
    if beginning is None:
        return ["Must begin with https:// or http:// and a host."]
    if has_expression and beginning.end() == len(literal):
        return [_HOST_IS_DYNAMIC]
    return _literal_problems(beginning[0], literal)


def filled_in(value: str) -> str:
    """A value as it stands in a URL: it can end no segment and begin no query."""
    return quote(value, safe="")


def is_climbing(url: str) -> bool:
    """Whether a segment of the path is `.` or `..`, however it is written."""
    return any(unquote(segment) in _DOTS for segment in urlsplit(url).path.split("/"))


def _literal_problems(beginning: str, literal: str) -> list[str]:
    found = []
    try:
        parts = urlsplit(beginning)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return ["Is not a URL; write it as https://api.example.com/path."]
    if not has_host:
        found.append("Must begin with https:// or http:// and a host.")
    if parts.username is not None or parts.password is not None:
        found.append("Has a user name or password; send it as a header with a $secret.")
    if "#" in literal:
        found.append("Has a fragment, which is never sent; drop it.")
    if is_climbing(literal):
        found.append("Has a segment . or .. in its path; write the path that is meant.")
    if re.search(r"[\s\\\x00-\x1f\x7f]", literal):
        found.append("Has a blank, a backslash or a control character; encode it.")
    return found
