"""Workflows as YAML: what was written is read again, and always looks the same."""

import pytest

from actions.errors import DefinitionInvalid
from workflows.definition import EXAMPLES
from workflows.yaml import dump, load, ordered


def turned(value):
    """The same with all names the other way round."""
    if isinstance(value, dict):
        return {name: turned(inner) for name, inner in reversed(value.items())}
    return [turned(inner) for inner in value] if isinstance(value, list) else value


def test_what_was_dumped_is_loaded_again():
    documents = list(EXAMPLES.values())

    assert load(dump(documents)) == documents


@pytest.mark.parametrize("document", EXAMPLES.values(), ids=list(EXAMPLES))
def test_the_form_does_not_depend_on_the_order(document):
    assert dump([document]) == dump([turned(document)])


def test_a_person_can_read_it():
    text = dump([turned(EXAMPLES["action"])])

    begin = (
        "workflow: process-new-user\ndescription: Make a user known to everything that must know it.\n"
        "params:\n  type: object\n  properties:\n"
    )
    assert text.startswith(begin)
    steps = [
        "\n  create_user:\n    action: create-user-record\n",
        "\n  welcome:\n",
        "\n  sandbox:\n",
    ]
    places = [text.index(step) for step in steps]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"steps": None},
        {"steps": {"b": 7, "a": {"action": "x", "after": ["a"]}}},
        {"zebra": 1, "workflow": [{"b": 1, "a": 2}]},
    ],
)
def test_a_document_that_is_not_valid_keeps_all_that_it_has(document):
    assert ordered(document) == document


@pytest.mark.parametrize("text", ["", "[1]", "workflow: a\n---\n7\n", "a: 1\na: 2"])
def test_what_is_no_workflow_is_refused(text):
    with pytest.raises(DefinitionInvalid):
        load(text)
