"""Sentences, and JSON as a tree that opens and closes, capped so that no payload freezes a page.

Floor 5, a door. Every name and value is escaped; the tree is plain `<details>`, without script.
"""

import json
from collections.abc import Callable, Iterable

from django import template
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from actions import masking
from actions.jsontypes import JSON
from actions.sentences import Part, Sentence
from actions.templatetags import times

register = template.Library()

OPEN_DEPTH = 3
OPEN_ENTRIES = 20
MAX_DEPTH = 12
MAX_ENTRIES = 200
MAX_BYTES = 65_536
MAX_TEXT = 2_000
PREVIEW = 2_000


@register.simple_tag
def json_tree(value: JSON) -> SafeString:
    """A value as a tree; of one over 64 KiB only the beginning and its size are shown."""
    text = pretty(value)
    size = len(text.encode())
    if size > MAX_BYTES:
        return format_html(
            '<div class="json"><pre>{}…</pre><p class="from">{} in all. Read it whole over the '
            "API.</p></div>",
            text[:PREVIEW],
            filesizeformat(size),
        )
    return format_html('<div class="json">{}</div>', _node(value, depth=0))


@register.simple_tag
def said(sentence: Sentence) -> SafeString:
    """A sentence with its subject, its times and the words of others marked as such."""
    pieces = ((_MARKUP[part.kind](part),) for part in sentence.parts)
    return format_html_join("", "{}", pieces)


def _said_time(part: Part) -> SafeString | str:
    if part.at is None:
        return part.text
    return format_html("{} {}", times.when(part.at), times.zone_name())


_MARKUP: dict[str, Callable[[Part], SafeString | str]] = {
    "text": lambda part: part.text,
    "strong": lambda part: format_html("<b>{}</b>", part.text),
    "quote": lambda part: format_html("<q>{}</q>", part.text),
    "time": _said_time,
}


@register.inclusion_tag("shared/_copy.html")
def copy_json(value: JSON, label: str) -> dict[str, str]:
    """A button that copies a value as JSON; none for one that is too large to carry twice."""
    text = pretty(value)
    return {"text": text if len(text) <= MAX_BYTES else "", "label": label}


@register.filter
def pretty(value: JSON) -> str:
    """A value as indented JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def _node(value: JSON, *, depth: int) -> SafeString:
    if masking.is_reference(value):
        return _reference(value)
    if isinstance(value, dict | list) and value:
        return _branch(value, depth=depth)
    return _leaf(value)


def _branch(value: dict[str, JSON] | list[JSON], *, depth: int) -> SafeString:
    if depth >= MAX_DEPTH:
        return format_html('<span class="z">{}</span>', _size_words(value))
    pairs: list[tuple[object, JSON]] = list(
        value.items() if isinstance(value, dict) else enumerate(value)
    )
    rows = [(name, _node(each, depth=depth + 1)) for name, each in pairs[:MAX_ENTRIES]]
    return format_html(
        _OPEN_BRANCH if depth < OPEN_DEPTH and len(value) <= OPEN_ENTRIES else _CLOSED_BRANCH,
        _size_words(value),
        format_html_join("", '<li><span class="k">{}</span>{}</li>', rows),
        _rest(len(pairs) - MAX_ENTRIES),
    )


_OPEN_BRANCH = "<details open><summary>{}</summary><ul>{}{}</ul></details>"
_CLOSED_BRANCH = "<details><summary>{}</summary><ul>{}{}</ul></details>"


def _rest(count: int) -> SafeString | str:
    if count <= 0:
        return ""
    return format_html('<li class="z">{} more; read them over the API</li>', count)


def _size_words(value: dict[str, JSON] | list[JSON]) -> str:
    word = "field" if isinstance(value, dict) else "entry"
    if len(value) == 1:
        return f"1 {word}"
    return f"{len(value)} {'fields' if word == 'field' else 'entries'}"


def _leaf(value: JSON) -> SafeString:
    if value == masking.MASK:
        return format_html('<span class="secret" title="masked">{}</span>', value)
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        shown = text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"
        return format_html('<span class="s">{}</span>', shown)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return format_html('<span class="n">{}</span>', json.dumps(value))
    return format_html('<span class="z">{}</span>', json.dumps(value))


def _reference(value: JSON) -> SafeString:
    names: Iterable[JSON] = value.values() if isinstance(value, dict) else ()
    return format_html(
        '<span class="secret">{}</span><span class="from">secret {}</span>',
        masking.MASK,
        next(iter(names), ""),
    )
