"""Sentences and JSON trees: everything escaped, nothing without an end."""

from datetime import UTC, datetime

import pytest

from actions import masking
from actions.sentences import Part, Sentence
from actions.templatetags.record import MAX_ENTRIES, json_tree, said


@pytest.mark.parametrize(
    ("value", "markup"),
    [
        ("text", '<span class="s">"text"</span>'),
        (7, '<span class="n">7</span>'),
        (1.5, '<span class="n">1.5</span>'),
        (True, '<span class="z">true</span>'),
        (None, '<span class="z">null</span>'),
        ({}, '<span class="z">{}</span>'),
        ([], '<span class="z">[]</span>'),
    ],
)
def test_a_plain_value_is_tinted_by_its_kind(value, markup):
    assert (
        json_tree(value)
        == f'<div class="json">{markup.replace(chr(34) + "text" + chr(34), "&quot;text&quot;")}</div>'
    )


def test_names_and_values_are_escaped_at_every_depth():
    hostile = "</span><script>alert(1)</script>"

    tree = json_tree({hostile: [{hostile: hostile}]})

    assert "<script>" not in tree
    assert tree.count("&lt;script&gt;") == 3


def test_three_levels_are_open_and_the_rest_is_closed():
    value = {"a": {"b": {"c": {"d": {"e": 1}}}}}

    tree = json_tree(value)

    assert tree.count("<details open>") == 3
    assert tree.count("<details>") == 2


def test_a_long_list_is_cut_with_the_number_of_the_rest():
    tree = json_tree(list(range(MAX_ENTRIES + 5)))

    assert "5 more; read them over the API" in tree
    assert tree.count('<span class="n">') == MAX_ENTRIES


def test_a_large_value_is_a_preview_with_its_size():
    tree = json_tree(["x" * 100_000])

    assert "97.7" in tree
    assert len(tree) < 5_000


def test_a_mask_and_a_reference_look_like_secrets():
    tree = json_tree({"pin": masking.MASK, "key": {"$secret": "smtp-password"}})

    assert tree.count('class="secret"') == 2
    assert "secret smtp-password" in tree


def test_the_words_of_others_are_quoted_and_escaped():
    moment = datetime(2026, 11, 22, 2, 15, tzinfo=UTC)
    sentence = Sentence(
        parts=(
            Part(kind="strong", text="<b>usr</b>"),
            Part(kind="text", text=" failed: "),
            Part(kind="quote", text="a & b"),
            Part(kind="time", text="02:15:00 UTC", at=moment),
        )
    )

    markup = said(sentence)

    assert markup.startswith("<b>&lt;b&gt;usr&lt;/b&gt;</b> failed: <q>a &amp; b</q><time ")
    assert markup.endswith("</time> UTC")
