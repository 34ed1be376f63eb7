"""What has changed between two documents, in what it means."""

import pytest

from workflows.comparison import compare
from workflows.definition import EXAMPLES

BASE = {
    "workflow": "story",
    "params": {
        "type": "object",
        "properties": {"email": {"type": "string"}},
        "required": ["email"],
    },
    "steps": {
        "make": {"action": "make-user", "params": {"email": "${{ params.email }}"}},
        "tell": {
            "action": "send-letter",
            "after": ["make"],
            "params": {"to": "${{ steps.make.result.id }}"},
        },
    },
}
MAKE, TELL = BASE["steps"]["make"], BASE["steps"]["tell"]


def sentences(old, new):
    return [change.sentence for change in compare(old, new)]


def with_steps(**steps):
    return BASE | {"steps": steps}


@pytest.mark.parametrize("document", EXAMPLES.values(), ids=list(EXAMPLES))
def test_a_document_does_not_differ_from_itself(document):
    assert compare(document, document) == ()


def test_how_a_document_is_written_does_not_count():
    written_out = with_steps(
        make=MAKE | {"join": "all", "optional": False, "after": []},
        tell=dict(reversed(TELL.items())),
    )

    assert compare(BASE, written_out | {"on_failure": "stop", "compensate_after": ["failed"]}) == ()


def test_steps_that_come_and_go_are_told():
    new = with_steps(make=MAKE, call={"action": "call", "after": ["make"]})

    assert sentences(BASE, new) == [
        "Step tell was removed.",
        'Step call was added: {"action": "call", "after": ["make"]}.',
    ]


def test_settings_of_a_step_are_told_one_by_one():
    new = with_steps(
        make=MAKE | {"timeout": 30, "retry": {"max_attempts": 2}},
        tell=TELL | {"params": {"to": "nobody"}, "action": "send-card"},
    )

    assert sentences(BASE, new) == [
        "Step make: retry.max_attempts was added: 2.",
        "Step make: timeout was added: 30.",
        'Step tell: action was "send-letter", is "send-card".',
        'Step tell: params.to was "${{ steps.make.result.id }}", is "nobody".',
    ]


def test_what_is_long_has_just_changed():
    old = with_steps(make=MAKE | {"description": "a" * 100})
    new = with_steps(make=MAKE | {"description": "b" * 100})

    assert sentences(old, new) == ["Step make: description has changed."]


def test_settings_of_the_run_and_its_params_are_told():
    schema = {
        "type": "object",
        "properties": {"email": {"type": "string"}, "plan": {"type": "string"}},
        "additionalProperties": False,
    }

    changes = compare(BASE, BASE | {"timeout": 60, "params": schema})

    assert [change.sentence for change in changes] == [
        "The run: timeout was added: 60.",
        "Param email: required was true, is false.",
        'Param plan was added: {"type": "string", "required": false}.',
        "The run: params.additionalProperties was added: false.",
    ]
    assert (changes[0].kind, changes[0].subject, changes[0].after) == ("added", "run", 60)


def test_a_step_that_is_the_same_but_for_its_name_was_renamed():
    told = TELL | {"after": ["create"], "params": {"to": "${{ steps.create.result.id }}"}}

    assert sentences(BASE, with_steps(create=MAKE, tell=told)) == [
        "Step make is called create now."
    ]


def test_a_row_of_renamed_steps_is_known_again():
    told = TELL | {"after": ["create"], "params": {"to": "${{ steps.create.result.id }}"}}

    assert sentences(BASE, with_steps(create=MAKE, letter=told)) == [
        "Step make is called create now.",
        "Step tell is called letter now.",
    ]


def test_where_two_steps_could_be_meant_nothing_was_renamed():
    changes = compare(with_steps(a=MAKE), with_steps(b=MAKE, c=MAKE))

    assert [change.kind for change in changes] == ["removed", "added", "added"]


def test_true_is_not_one_and_a_whole_double_is_an_integer():
    def of(value):
        return with_steps(make=MAKE | {"params": {"x": value}})

    assert compare(of(1), of(1.0)) == ()
    assert len(compare(of(1), of(True))) == 1
    assert len(compare(BASE, with_steps(make=MAKE | {"optional": 0}, tell=TELL))) == 1
    assert len(compare(with_steps(make=1), with_steps(make=True))) == 1


@pytest.mark.parametrize("odd", [None, 7, [], {"a": 7, "b": {"after": 3}}])
def test_documents_need_not_be_valid(odd):
    assert compare({"workflow": "story", "steps": odd, "params": odd}, BASE)
