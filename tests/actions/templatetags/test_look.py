"""Marks carry shape, colour and word; every icon that is named exists."""

import re

import pytest

from actions.states import AttemptOutcome, Effect, ExecutionStatus
from actions.templatetags import look
from tests.house import source

SPRITE = source.ROOT / "static" / "icons" / "sprite.svg"


@pytest.mark.parametrize("state", [*ExecutionStatus, *AttemptOutcome])
def test_every_state_has_a_shape_in_the_sprite_and_a_word(state):
    markup = look.mark(state)

    shape = re.search(r"#(s-[a-z]+)", markup)[1]
    assert f'id="{shape}"' in SPRITE.read_text()
    assert look.word_of(state) in markup
    assert f'data-state="{look.look_of(state)}"' in markup


@pytest.mark.parametrize("kind", Effect)
@pytest.mark.parametrize("is_repeatable", [True, False])
def test_every_effect_has_a_shape_and_a_promise(kind, is_repeatable):
    markup = look.effect(kind, repeatable=is_repeatable)

    assert f'id="e-{kind}"' in SPRITE.read_text()
    assert look.promise(kind, repeatable=is_repeatable) in markup


def test_every_icon_that_a_template_names_is_in_the_sprite():
    named = {
        name
        for path in source.templates()
        for name in re.findall(r'\{% icon "([a-z-]+)"', path.read_text())
    }

    assert named
    assert named <= set(re.findall(r'symbol id="([a-z-]+)"', SPRITE.read_text()))


@pytest.mark.parametrize(("count", "words"), [(0, "0"), (9_999, "9,999"), (10_001, "10,000+")])
def test_a_count_above_the_cap_says_so(count, words):
    assert look.capped(count) == words


def test_an_icon_without_words_beside_it_has_a_name():
    assert 'role="img" aria-label="Close"' in look.icon("i-x", label="Close")
    assert "aria-hidden" in look.icon("i-x")
