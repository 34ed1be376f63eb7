"""Pages escape what they show and keep behaviour and looks out of the markup.

The content security policy would block inline script and style; these tests say so earlier.
"""

import re
from pathlib import Path

from tests.house import source

# Where text is declared to be HTML already: file, and why nothing of a user's can get in.
TRUSTED_MARKUP: dict[str, str] = {}

UNESCAPED = re.compile(r"\|\s*(safe|safeseq)\b|autoescape\s+off|\bmark_safe\b|\bSafeString\(")
INLINE_SCRIPT = re.compile(
    r"""
    \bhx-on                          # htmx's inline handlers
    | \bon[a-z]+\s*=\s*["']          # the browser's
    | ["']\s*(?:js|javascript):      # values that are evaluated
    | <script(?![^>]*\bsrc=)(?![^>]*type="application/json")
    """,
    re.VERBOSE | re.IGNORECASE,
)
INLINE_STYLE = re.compile(r"<style\b|\bstyle\s*=\s*[\"']", re.IGNORECASE)


def test_nothing_is_declared_safe_outside_the_list():
    unescaped = [
        found
        for path in [*source.templates(), *source.files(".py")]
        if source.place(path) not in TRUSTED_MARKUP
        for found in matches(UNESCAPED, path)
    ]

    assert not unescaped, source.listed(unescaped)


def test_the_list_of_trusted_markup_has_no_stale_entry():
    stale = [name for name in TRUSTED_MARKUP if not list(matches(UNESCAPED, source.ROOT / name))]

    assert not stale, source.listed(stale)


def test_no_template_carries_script():
    inline = [found for path in source.templates() for found in matches(INLINE_SCRIPT, path)]

    assert not inline, source.listed(inline)


def test_no_template_carries_style():
    inline = [found for path in source.templates() for found in matches(INLINE_STYLE, path)]

    assert not inline, source.listed(inline)


def matches(pattern: re.Pattern[str], path: Path) -> list[str]:
    """Each line of the file in which the pattern occurs."""
    text = path.read_text()
    lines = text.splitlines()
    numbers = [text.count("\n", 0, found.start()) + 1 for found in pattern.finditer(text)]
    return [f"{source.place(path, number)} {lines[number - 1].strip()}" for number in numbers]
