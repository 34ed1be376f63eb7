"""Icons, state marks and effects: shape, colour and word for one value.

Floor 5, a door. Every mark carries its word, because colour alone says nothing to many readers.
"""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from actions.states import AttemptOutcome, Effect, ExecutionStatus

register = template.Library()

# What has no look of its own, outcomes and two states of runs, borrows that of the nearest state.
_LOOKS: dict[str, str] = {
    "paused": "waiting",
    "cancelling": ExecutionStatus.CANCELLED,
    AttemptOutcome.TIMED_OUT: ExecutionStatus.FAILED,
    AttemptOutcome.LOST: ExecutionStatus.FAILED,
    AttemptOutcome.RELEASED: ExecutionStatus.QUEUED,
}
_WORDS: dict[str, str] = {
    AttemptOutcome.TIMED_OUT: "timed out",
    AttemptOutcome.LOST: "worker lost",
    AttemptOutcome.RELEASED: "given back",
}
_PROMISES: dict[tuple[str, bool], str] = {
    (Effect.NONE, False): "no effect",
    (Effect.NONE, True): "no effect",
    (Effect.TRANSACTIONAL, False): "transactional, committed once",
    (Effect.TRANSACTIONAL, True): "transactional, committed once",
    (Effect.EXTERNAL, False): "external, at most once",
    (Effect.EXTERNAL, True): "external, at least once",
}


@register.simple_tag
def icon(name: str, size: str = "", *, label: str = "") -> SafeString:
    """The icon `name` of the sprite; decoration unless it has a `label`."""
    href = f"{static('icons/sprite.svg')}#{name}"
    classes = f"i {size}".strip()
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>',
            classes,
            label,
            href,
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', classes, href)


@register.simple_tag
def mark(state: str, word: str = "", *, pill: bool = False) -> SafeString:
    """A state as shape, colour and word; `word` replaces the state's own."""
    look = look_of(state)
    return format_html(
        '<span class="{}" data-state="{}">{}{}</span>',
        "mark pill" if pill else "mark",
        look,
        icon(f"s-{look}"),
        word or word_of(state),
    )


@register.filter
def look_of(state: str) -> str:
    """The `data-state` under which a state of anything, or an attempt's outcome, is drawn."""
    return _LOOKS.get(state, state)


@register.filter
def word_of(state: str) -> str:
    """The word for a state or an attempt's outcome."""
    return _WORDS.get(state, state)


@register.simple_tag
def effect(kind: str, *, repeatable: bool = False, short: bool = False) -> SafeString:
    """An effect with what it promises about repeats; `short` leaves the promise out."""
    words = kind if short and kind != Effect.NONE else promise(kind, repeatable=repeatable)
    return format_html('<span class="badge line">{}{}</span>', icon(f"e-{kind}"), words)


def promise(kind: str, *, repeatable: bool) -> str:
    """What an effect promises about repeats, in words."""
    return _PROMISES[(kind, repeatable)]


@register.filter
def capped(count: int, cap: int = 10_000) -> str:
    """A count as people read it; one above the cap is `10,000+`."""
    return f"{cap:,}+" if count > cap else f"{count:,}"


@register.filter
def short_id(shown_id: str) -> str:
    """An id for places where its whole length is in the way; show the whole one nearby."""
    return f"{shown_id[:13]}…{shown_id[-4:]}"


@register.inclusion_tag("shared/_copy.html")
def copy(text: str, label: str) -> dict[str, str]:
    """A button that copies `text`; `label` names it to those who cannot see the icon."""
    return {"text": text, "label": label}
