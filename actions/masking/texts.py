"""Removing known secrets from text: messages, tracebacks, log lines, results.

Floor 1, pure. A secret seldom comes alone: it is quoted in a URL, escaped in JSON, or part of a
longer text in base64, as in a Basic Authorization header.
"""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

from actions.canonical import MAX_DEPTH
from actions.masking.spellings import Span, places_of
from actions.masking.values import MASK

# Shorter values occur by chance; replacing them would garble the text and tell them.
MIN_LENGTH = 6
_MIN_LINE = 12
_NUMBER = re.compile(r"[+-]?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)


def scrub(text: str, secrets: Iterable[str]) -> str:
    """The text with each secret of at least MIN_LENGTH characters replaced by MASK.

    Found is the value itself with each character in any spelling of URLs, JSON, HTML and Python,
    and its base64 (also inside of a longer base64 text, wrapped, or in a URL); of a secret of many
    lines also each longer line. What was encoded in other ways by somebody who means to is not.
    """
    kept = tuple(secrets)
    return _scrub(text, _known(kept)) if kept and text else text


def scrubbed(value: Any, secrets: Iterable[str]) -> Any:
    """A copy of a JSON value with every text in it scrubbed, names too.

    A number that is equal to a secret is one.
    """
    known = _known(tuple(secrets))
    return _scrubbed(value, known, depth=0) if known.texts else value


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    """Secrets as they are looked for: whole, line by line, longest first, and as numbers."""

    texts: tuple[str, ...]
    lines: tuple[str, ...]
    numbers: frozenset[Decimal | float]


@lru_cache(maxsize=64)
def _known(secrets: tuple[str, ...]) -> _Known:
    texts = {text for text in map(str.strip, secrets) if len(text) >= MIN_LENGTH}
    lines = {form for text in texts for form in _forms_of_lines(text)}
    return _Known(
        texts=tuple(texts),
        lines=tuple(sorted(lines, key=len, reverse=True)),
        numbers=frozenset(number for text in texts for number in _numbers(text)),
    )


def _scrub(text: str, known: _Known) -> str:
    raw = text.encode(errors="surrogatepass")
    found = sorted(place for secret in known.texts for place in places_of(secret, raw))
    if found:
        text = _replaced(raw, found).decode(errors="surrogatepass")
    for form in known.lines:
        if form in text:
            text = text.replace(form, MASK)
    return text


def _replaced(raw: bytes, places: Iterable[Span]) -> bytes:
    """The same with one mask for each place; for those that meet, one for all."""
    parts, end = [], -1
    for begin, until in places:
        if begin > end:
            parts += [raw[max(end, 0) : begin], MASK.encode()]
        end = max(end, until)
    return b"".join([*parts, raw[end:]])


def _scrubbed(value: Any, known: _Known, *, depth: int) -> Any:
    if depth > MAX_DEPTH:
        return MASK
    if isinstance(value, str):
        return _scrub(value, known)
    if isinstance(value, dict):
        return {
            _scrub(str(name), known): _scrubbed(member, known, depth=depth + 1)
            for name, member in value.items()
        }
    if isinstance(value, list | tuple):
        return [_scrubbed(element, known, depth=depth + 1) for element in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return MASK if value in known.numbers else value
    return value


def _numbers(text: str) -> Iterator[Decimal | float]:
    """The number that a text is: exactly, and as most programs would round it."""
    if _NUMBER.fullmatch(text):
        yield from (Decimal(text), float(text))


def _forms_of_lines(secret: str) -> Iterator[str]:
    """The forms of each long line of a secret that has several."""
    lines = [line.strip() for line in secret.splitlines()]
    for line in lines if len(lines) > 1 else ():
        if len(line) >= _MIN_LINE:
            yield from (line, *_written(line), *_in_base64(line))


def _written(secret: str) -> Iterable[str]:
    # Whatever the environment held can be quoted, bytes that are no UTF-8 too.
    raw = secret.encode(errors="surrogatepass")
    for quoted in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield quoted
        yield _lower_escapes(quoted)
    for is_ascii in (True, False):
        escaped = json.dumps(secret, ensure_ascii=is_ascii)[1:-1]
        yield from (escaped, escaped.replace("/", "\\/"))
    yield repr(secret)[1:-1]
    yield html.escape(secret)
    yield html.escape(secret, quote=False)


def _lower_escapes(quoted: str) -> str:
    first, *rest = quoted.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in rest)])


def _in_base64(secret: str) -> Iterable[str]:
    """The part of its base64 that does not depend on what stands before and after it."""
    raw = secret.encode(errors="surrogatepass")
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + raw).decode().rstrip("=")
        # A character spans 6 bits: those that share bits with a neighbour are left out.
        begin = -(-before * 8 // 6)
        end = (before + len(raw)) * 8 // 6
        own = encoded[begin:end]
        if len(own) >= MIN_LENGTH:
            yield from (own, own.replace("+", "-").replace("/", "_"))
            # As a value in a URL.
            yield from (quote(own, safe=""), _lower_escapes(quote(own, safe="")))
