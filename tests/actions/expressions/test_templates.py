"""Documents whose texts hold expressions."""

import pytest

from actions.expressions import (
    ExpressionFailed,
    TemplateInvalid,
    embedded,
    is_template,
    template,
)

PARAMS = {"name": "Ada", "n": 3, "f": 2.0, "none": None, "list": [1, "a"], "yes": True}


def render(document, **options):
    return template(document, names=("params",)).render({"params": PARAMS}, **options)


@pytest.mark.parametrize(
    ("document", "rendered"),
    [
        ("plain", "plain"),
        ("${{ params.n }}", 3),
        ("${{ params.list }}", [1, "a"]),
        ("${{ params.none }}", None),
        ("Hello ${{ params.name }}!", "Hello Ada!"),
        ("${{ params.name }}${{ params.n }}", "Ada3"),
        (" ${{ params.n }}", " 3"),
        ("n=${{ params.f }}", "n=2"),
        ("is ${{ params.yes }}", "is true"),
        ("of ${{ params.list }}", 'of [1,"a"]'),
        ('${{ {"a": {"b": 1}} }}', {"a": {"b": 1}}),
        ('x${{ "}}" + params.name }}', "x}}Ada"),
        ("${{ '${{' }} is how it begins", "${{ is how it begins"),
        ({"a": ["${{ params.n }}", None, 1.5], "b": {}}, {"a": [3, None, 1.5], "b": {}}),
        ("a }} b { c", "a }} b { c"),
    ],
)
def test_values_take_the_place_of_expressions(document, rendered):
    assert render(document) == rendered


def test_what_is_filled_in_is_escaped_and_what_surrounds_it_is_not():
    assert render("a/${{ params.name }}", escape=str.upper) == "a/ADA"


def test_one_text_is_always_text():
    assert template("${{ params.n }}", names=("params",)).text({"params": PARAMS}) == "3"


def test_null_is_no_part_of_a_text():
    with pytest.raises(ExpressionFailed) as failure:
        render({"to": ["Dear ${{ params.none }}"]})

    assert failure.value.pointer == "/to/0"
    assert "params.none is null" in failure.value.detail


def test_all_problems_of_a_document_are_told_at_once():
    document = {"a": "${{ nope }}", "b/c": ["ok", "${{ 1 + }}"], "d": "${{ params", "${{ 1 }}": 1}

    with pytest.raises(TemplateInvalid) as refusal:
        template(document, names=("params",))

    assert [problem.pointer for problem in refusal.value.problems] == ["", "/a", "/b~1c/1", "/d"]
    assert "not closed" in refusal.value.problems[-1].detail


def test_a_template_knows_which_variables_it_uses():
    names = ("params", "steps", "run")

    found = template({"a": "${{ params.x }}", "b": "${{ steps.a.result }}"}, names=names)

    assert found.names == {"params", "steps"}


def test_what_is_filled_in_cannot_grow_without_end():
    document = ["${{ params.text }}"] * 10

    with pytest.raises(ExpressionFailed, match="fill in less"):
        template(document, names=("params",)).render({"params": {"text": "x" * 200_000}})


def test_a_text_without_an_opening_holds_no_expression():
    assert not is_template("{{ x }} $ {")


def test_a_document_holds_a_bounded_number_of_expressions():
    with pytest.raises(TemplateInvalid, match="at most 500"):
        template({"a": ["${{ 1 }}"] * 501}, names=())


def test_the_expressions_of_a_document_are_found_with_their_places():
    document = {"a": ["${{ params.x }}", "Hi ${{ params.y }}, ${{ params.z }}"], "b": "none"}

    found, problems = embedded(document)

    assert {(one.path, one.sources, one.is_alone) for one in found} == {
        (("a", 0), ("params.x",), True),
        (("a", 1), ("params.y", "params.z"), False),
    }
    assert problems == []


def test_what_is_no_template_is_told_where_it_stands():
    _, problems = embedded({"a": ["${{ params.x"], "${{ b }}": 1})

    assert {one.pointer for one in problems} == {"/a/0", ""}


@pytest.mark.parametrize("source", ["'}}'", '"}}"', "{'a': {'b': 1}}", "1 // }}\n", "params.x"])
def test_the_end_of_an_expression_is_found_behind_what_only_looks_like_one(source):
    [found] = embedded("${{ " + source + " }}")[0]

    assert found.sources == (source.strip(),)
