"""How a secret may be spelt: one pattern in which each character may come in any of its spellings.

Floor 1, pure. Whoever quotes a text chooses which characters to escape, and how: there are too many
whole texts to list, but few spellings of one character. What was quoted may be quoted again (JSON in a
URL, say), so the signs of a spelling have spellings too; of these only the usual ones. Patterns are of RE2, so the time is linear in
the text, and they are of bytes (UTF-8), since an escape in a URL stands for one.
"""

import html
import html.entities
import json
import string
from base64 import b64encode
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

import re2

Span = tuple[int, int]

# Of a longer text its beginning is looked for first: to make a pattern takes a millisecond for so
# many characters, and the whole is seldom there.
_BEGINNING = 12
# Longer texts are found piece by piece, each as if it were a secret of its own.
_PIECE = 256
# Of longer ones only the text itself is looked for in base64, not what was quoted before.
_SMALL = 64
# Of still longer ones letters and digits are looked for as they are, and base64 in lines of fours.
_LONG = 2_048
# What libraries leave as it is in a URL: nothing, paths, and what `encodeURIComponent` leaves.
_KEPT_IN_URLS = ("", "/", "!'()*")
_PLAIN = frozenset(string.ascii_letters + string.digits)
# Shorter parts of a text in base64 occur by chance.
_MIN_BASE64 = 6
_SHORT = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\v": "v"}
# What may stand between two characters of base64: white space, also as JSON, Python or a URL has it.
_WRAP = rb"(?:[\s\v]|\\+[rnt]|%0[AaDd9]|%20)*"
_MAX_MEMORY = 64 << 20

# The signs of which spellings are made, as they are when what has them is quoted once more.
_PERCENT = rb"%(?:25)*"
_BACKSLASHES = rb"(?:\\|%(?:25)*5[Cc])+"
_AND = rb"(?:&|%(?:25)*26|\\+u0026)(?:amp;)*"
_NUMBER = rb"(?:#|%(?:25)*23)"
_END = rb"(?:;|%(?:25)*3[Bb])?"


def places_of(text: str, raw: bytes) -> list[Span]:
    """Where the text stands in UTF-8, spelt as URLs, JSON, HTML and Python do, or in base64.

    Also where one of these has quoted what another had quoted. Takes time linear in `raw`. The text has at least six characters.
    """
    is_lean = len(text) > _LONG
    if _pattern(text[:_BEGINNING], is_lean=is_lean).search(raw) is None:
        return []
    patterns = (_pattern(piece, is_lean=is_lean) for piece in _pieces(text))
    return [found.span() for pattern in patterns for found in pattern.finditer(raw)]


def _pieces(text: str) -> Iterator[str]:
    count = -(-len(text) // _PIECE)
    size = -(-len(text) // count)
    # The last one reaches back, so that none is short.
    for begin in range(0, len(text), size):
        yield text[min(begin, len(text) - size) :][:size]


@lru_cache(maxsize=512)
def _pattern(text: str, *, is_lean: bool) -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.longest_match = True
    options.never_capture = True
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    spelt = [one.encode() if is_lean and one in _PLAIN else _spellings(one) for one in text]
    step = 4 if is_lean else 1
    quoted = _quoted(text) if len(text) <= _SMALL else {text}
    encoded = (form for each in sorted(quoted) for form in _in_base64(each, step=step))
    return re2.compile(b"|".join([b"".join(spelt), *encoded]), options)


def _quoted(text: str) -> set[str]:
    """The text, and as libraries quote the whole of it: what may be in base64."""
    raw = text.encode(errors="surrogatepass")
    in_urls = {quote(raw, safe=kept) for kept in _KEPT_IN_URLS} | {quote_plus(raw)}
    in_json = {json.dumps(text, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)}
    return {text, html.escape(text)} | in_urls | in_json


@lru_cache(maxsize=4_096)
def _spellings(character: str) -> bytes:
    """A pattern for one character."""
    raw = character.encode(errors="surrogatepass")
    found = [re2.escape(raw), b"".join(_PERCENT + _hex(byte, 2) for byte in raw)]
    found += _in_html(character)
    if character == " ":
        found += [rb"\+", _PERCENT + rb"2[Bb]"]
    if character == "\\":
        found.append(_BACKSLASHES)
    elif character not in _PLAIN and len(raw) == 1 and character.isprintable():
        found = [b"(?:" + _BACKSLASHES + b")?(?:" + b"|".join(found) + b")"]
    if character in _SHORT:
        found.append(_BACKSLASHES + _SHORT[character].encode())
    return b"(?:" + b"|".join([*found, _escaped(character)]) + b")"


def _escaped(character: str) -> bytes:
    r"""As a number after a backslash, as in JSON, Python and JavaScript, or after `%u`."""
    code = ord(character)
    units = [code]
    if code > 0xFFFF:
        both = character.encode("utf-16-be", "surrogatepass")
        units = [int.from_bytes(both[:2]), int.from_bytes(both[2:])]
    begin = b"(?:" + _BACKSLASHES + b"|" + _PERCENT + b")"
    found = [begin + rb"[uUx]\{?0*" + _hex(code, 1) + rb"\}?"]
    if len(units) > 1:
        found.append(b"".join(begin + b"u" + _hex(unit, 4) for unit in units))
    raw = character.encode(errors="surrogatepass")
    if len(raw) > 1:
        # Each of its bytes by itself, as Python writes them.
        found.append(b"".join(_BACKSLASHES + b"x" + _hex(byte, 2) for byte in raw))
    return b"|".join(found)


def _in_html(character: str) -> Iterator[bytes]:
    code = ord(character)
    names = sorted({name.rstrip(";") for name in _names().get(character, ())})
    named = [re2.escape(name.encode()) for name in names]
    numbered = _NUMBER + b"(?:0*%d|[xX]0*%b)" % (code, _hex(code, 1))
    yield _AND + b"(?:" + b"|".join([numbered, *named]) + b")" + _END


@cache
def _names() -> dict[str, list[str]]:
    """The names that HTML has for a character."""
    found: dict[str, list[str]] = {}
    for name, character in html.entities.html5.items():
        found.setdefault(character, []).append(name)
    return found


def _hex(number: int, width: int) -> bytes:
    return b"(?i:%0*x)" % (width, number)


def _in_base64(text: str, *, step: int) -> Iterator[bytes]:
    """The part of its base64 that does not depend on what stands before and after it.

    A line may end after every so many signs.
    """
    raw = text.encode(errors="surrogatepass")
    for before in range(3):
        encoded = b64encode(bytes(before) + raw).decode().rstrip("=")
        # A character spans 6 bits: those that share bits with a neighbour are left out.
        begin = -(-before * 8 // 6)
        end = (before + len(raw)) * 8 // 6
        own = encoded[begin:end]
        if len(own) >= _MIN_BASE64:
            yield b"".join(
                (b"" if place == begin or place % step else _WRAP) + _sign(sign)
                for place, sign in enumerate(own, start=begin)
            )


@cache
def _sign(sign: str) -> bytes:
    """One sign of base64, in both alphabets."""
    other = {"+": b"|-", "/": b"|_"}.get(sign)
    return sign.encode() if other is None else b"(?:%b%b)" % (_spellings(sign), other)
