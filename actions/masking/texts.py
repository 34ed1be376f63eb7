"""Removing known secrets from text: messages, tracebacks, log lines, results.

Floor 1, pure. A secret seldom comes alone: it is quoted in a URL, escaped in JSON, or part of a
longer text in base64, as in a Basic Authorization header.
"""

import base64
import html
import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

from actions.canonical import MAX_DEPTH
from actions.masking.values import MASK

# Shorter values occur by chance; replacing them would garble the text and tell them.
MIN_LENGTH = 6
_MIN_LINE = 12


def scrub(text: str, secrets: Iterable[str]) -> str:
    """The text with each secret of at least MIN_LENGTH characters replaced by MASK.

    Found are the value itself, its base64 (also inside of a longer base64 text, and that in a URL),
    and its forms in URLs, JSON, HTML and Python; of a secret of many lines also each longer line.
    What was encoded twice by the same rule is not.
    """
    for form in _all_forms(tuple(secrets)):
        if form in text:
            text = text.replace(form, MASK)
    return text


def scrubbed(value: Any, secrets: Iterable[str]) -> Any:
    """A copy of a JSON value with every text in it scrubbed, names too."""
    kept = tuple(secrets)
    return _scrubbed(value, kept, depth=0) if _all_forms(kept) else value


def _scrubbed(value: Any, secrets: tuple[str, ...], *, depth: int) -> Any:
    if depth > MAX_DEPTH:
        return MASK
    if isinstance(value, str):
        return scrub(value, secrets)
    if isinstance(value, dict):
        return {
            scrub(str(name), secrets): _scrubbed(member, secrets, depth=depth + 1)
            for name, member in value.items()
        }
    if isinstance(value, list | tuple):
        return [_scrubbed(element, secrets, depth=depth + 1) for element in value]
    return value


@lru_cache(maxsize=64)
def _all_forms(secrets: tuple[str, ...]) -> tuple[str, ...]:
    """Every form of every secret, longest first, so that none leaves the rest of another."""
    forms = {form for secret in secrets for form in _forms(secret)}
    return tuple(sorted(forms, key=len, reverse=True))


def _forms(secret: str) -> set[str]:
    whole = [secret, secret.strip()]
    lines = [line.strip() for line in secret.splitlines()]
    plain = [text for text in whole if len(text) >= MIN_LENGTH]
    plain += [line for line in lines if len(line) >= _MIN_LINE]
    return {form for text in plain for form in (text, *_written(text), *_in_base64(text))}


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
