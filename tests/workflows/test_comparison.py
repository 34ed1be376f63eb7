"""What has changed between two documents, in what it means."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.canonical import canonical
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
ODD = st.sampled_from([None, True, 1, 0, "x", [], {}, ["x"], ["y", "x"]])
SCHEMA = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["object", "string"]),
        "required": ODD,
        "properties": ODD | st.dictionaries(st.sampled_from("xy"), ODD | st.just({"type": "null"})),
        "minProperties": st.integers(0, 1),
    },
)
STEP = st.fixed_dictionaries(
    {"action": st.sampled_from("ab")}, optional={"params": ODD, "timeout": st.integers(1, 2)}
)
DOCUMENT = st.fixed_dictionaries(
    {"workflow": st.just("story")},
    optional={
        "params": SCHEMA | ODD,
        "steps": st.dictionaries(st.sampled_from("pq"), STEP) | ODD,
        "result": ODD,
    },
)


def evened(document):
    """Such a document with the order of names that are required, which means nothing."""
    params = document.get("params")
    names = params.get("required") if isinstance(params, dict) else None
    if not isinstance(names, list):
        return document
    return document | {"params": params | {"required": sorted(names)}}


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


PARAMS = BASE["params"]


@pytest.mark.parametrize(
    ("params", "told"),
    [
        (PARAMS | {"required": ["email", "y"]}, ["Param y: required was false, is true."]),
        (PARAMS | {"type": "string"}, ['The run: params.type was "object", is "string".']),
        (
            {name: PARAMS[name] for name in ("properties", "required")},
            ["The run: params.type was removed."],
        ),
        (PARAMS | {"properties": {}}, ["Param email: type was removed."]),
        ({"type": "object"}, ["Param email was removed."]),
        (PARAMS | {"required": "email"}, ["Param email: required was true, is false."]),
    ],
)
def test_every_change_of_a_schema_is_told(params, told):
    assert sentences(BASE, BASE | {"params": params}) == told


def test_which_members_of_a_param_are_required_is_told():
    def of(names):
        inner = {"type": "object", "required": names}
        return BASE | {"params": {"properties": {"address": inner}}}

    assert sentences(of(["street"]), of(["street", "zip"])) == [
        'Param address: members.required was ["street"], is ["street", "zip"].'
    ]


def test_what_was_there_is_not_called_added():
    def of(**step):
        return with_steps(make={"action": "make-user", **step})

    assert sentences(of(params={"v": 1}), of(params={})) == ["Step make: params.v was removed."]
    assert sentences(of(params={}), of(params={"v": 1})) == ["Step make: params.v was added: 1."]
    assert sentences(of(params=7), of(params={"v": 1})) == ['Step make: params was 7, is {"v": 1}.']


def test_empty_lists_that_mean_something_are_told():
    asked = with_steps(ask={"approval": {"message": "?"}})
    nobody = with_steps(ask={"approval": {"message": "?", "roles": []}})

    assert sentences(asked, nobody) == ["Step ask: approval.roles was added: []."]
    assert sentences(BASE, BASE | {"result": []}) == ["The run: result was added: []."]


@settings(max_examples=300, deadline=None)
@given(old=DOCUMENT, new=DOCUMENT)
def test_documents_that_differ_are_never_told_to_be_the_same(old, new):
    assert bool(compare(old, new)) == (canonical(evened(old)) != canonical(evened(new)))


@pytest.mark.parametrize("odd", [None, 7, [], {"a": 7, "b": {"after": 3}}])
def test_documents_need_not_be_valid(odd):
    assert compare({"workflow": "story", "steps": odd, "params": odd}, BASE)
