"""What is left for later has a number, and what is excepted from a rule has a reason."""

import re
from pathlib import Path

from tests.house import source

LATER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!.*#\d)")
EXCEPTION = re.compile(r"#\s*(?:noqa: [A-Z0-9, ]+|type: ignore\[[a-z0-9, -]+\]|nosec\b)(.*)")
BARE_EXCEPTION = re.compile(r"#\s*(?:noqa(?!:)|type: ignore(?!\[))", re.IGNORECASE)


def test_what_is_left_for_later_has_an_issue_number():
    unnumbered = [
        f"{source.place(path, number)} {line.strip()}"
        for suffix in (".py", ".html", ".css", ".js")
        for path in source.files(suffix, under=source.TEXTS)
        if path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if LATER.search(line)
    ]

    assert not unnumbered, source.listed(unnumbered)


def test_an_exception_from_a_rule_names_the_rule():
    bare = [
        f"{source.place(path, number)} {comment}"
        for path in source.files(".py", under=(*source.ROOMS, "tests"))
        for number, comment in source.comments(path)
        if BARE_EXCEPTION.search(comment)
    ]

    assert not bare, source.listed(bare)


def test_an_exception_from_a_rule_says_why():
    unexplained = [
        f"{source.place(path, number)} {comment}"
        for path in source.files(".py", under=(*source.ROOMS, "tests"))
        for number, comment in source.comments(path)
        if (excepted := EXCEPTION.search(comment))
        and not excepted[1].strip("# ")
        and not is_explained_above(path, number)
    ]

    assert not unexplained, source.listed(unexplained)


def is_explained_above(path: Path, number: int) -> bool:
    """Whether a comment within five lines above gives a reason, for itself or for a group."""
    above = [text for line, text in source.comments(path) if number - 6 < line < number]
    return any(EXCEPTION.sub(r"\1", text).strip("# ") for text in above)
