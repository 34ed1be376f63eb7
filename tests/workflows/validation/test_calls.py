"""Calls: what is called must be there, and its params must be able to fit."""

import pytest

from tests.workflows.validation.conftest import errors, found


def of(params, action="call-outside"):
    """The errors about the params of one step."""
    begin = "/steps/only/params"
    problems = errors({"only": {"action": action, "params": params}})
    return {pointer.removeprefix(begin): words for pointer, words in problems.items()}


@pytest.mark.parametrize(
    ("params", "pointer", "words"),
    [
        ({"count": "three"}, "/count", "Must be an integer, but is a string."),
        ({"count": 11}, "/count", "Must be at most 10."),
        ({"cuont": 1}, "/cuont", "did you mean count?"),
        (
            {"count": "${{ params.email }}"},
            "/count",
            "Must be an integer, but this gives a string.",
        ),
        (
            {"count": "no ${{ params.age }}"},
            "/count",
            "Must be an integer, but this gives a string.",
        ),
        ({"other": "${{ params.email }}"}, "/other", "has no such param"),
        ({"nested": {"count": "${{ params.email }}"}}, "/nested/count", "gives a string"),
        ({"nested": {"cunt": "${{ params.email }}"}}, "/nested/cunt", "has no such param"),
        ({"note": "${{ params.email"}, "/note", "not closed"),
    ],
)
def test_params_that_can_never_fit_are_refused(params, pointer, words):
    assert words in of(params)[pointer]


@pytest.mark.parametrize(
    "params",
    [
        {"count": "${{ params.age }}", "note": "x"},
        {"count": "${{ params.people.size() }}"},
        {"note": "${{ params.plan }}"},
        {"nested": {"count": "${{ run.attempt }}"}},
        {},
    ],
)
def test_params_that_may_fit_pass(params):
    assert of(params) == {}


def test_a_required_param_that_is_left_out_is_refused():
    assert of({}, action="make-user") == {
        "/email": "required: Is required by the action make-user."
    }


def test_a_format_is_tested_where_the_text_is_static():
    assert "e-mail" in of({"email": "nobody"}, action="make-user")["/email"]


def test_what_is_called_must_be_there():
    steps = {
        "one": {"action": "cal-outside"},
        "two": {"workflow": "othr", "params": {}},
        "three": {"workflow": "other"},
        "four": {"map": {"over": "params.people", "action": "no-such"}},
    }

    problems = errors(steps)

    assert "Did you mean call-outside?" in problems["/steps/one/action"]
    assert "There is no workflow othr" in problems["/steps/two/workflow"]
    assert problems["/steps/three/params/who"] == "required: Is required by the workflow other."
    assert "/steps/four/map/action" in problems


@pytest.mark.parametrize(
    ("params", "pointer", "code"),
    [
        ({"hidden": {"$secret": "nobody"}}, "/hidden", "secret-not-found"),
        ({"hidden": {"$secret": "for-mail"}}, "/hidden", "secret-not-allowed"),
        ({"note": {"$secret": "for-all"}}, "/note", "secret-exposed"),
    ],
)
def test_a_reference_to_a_secret_must_be_one_that_the_action_can_use(params, pointer, code):
    assert code in {
        one.code for one in found({"only": {"action": "call-outside", "params": params}}).errors
    }


def test_a_reference_to_a_secret_in_a_marked_param_is_no_text_there():
    problems = of({"hidden": {"$secret": "for-all"}})

    assert problems == {}


def test_elements_of_a_list_are_known_by_its_schema():
    call = {
        "over": "params.people",
        "action": "call-outside",
        "params": {"note": "${{ item.nme }}"},
    }

    problems = errors({"each": {"map": call}})

    assert "There is no nme in item; it has name" in problems["/steps/each/map/params/note"]
