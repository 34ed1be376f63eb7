"""References: to steps, params and members that are there, and to nothing secret."""

import pytest

from tests.workflows.validation.conftest import errors, warnings


def told(expression, make, **more):
    """What is said of an expression in the params of a step that comes after another."""
    steps = {
        "make": make,
        "late": {
            "action": "anything",
            "after": ["make"],
            "params": {"x": "${{ " + expression + " }}"},
        },
        **more,
    }
    return errors(steps).get("/steps/late/params/x", "")


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("steps.mak.result.id", "unknown-step: There is no step mak. Did you mean make?"),
        ("steps.late.result", "step-not-before: The step late does not come before late"),
        ("steps.other.result", "step-not-before: The step other does not come before late"),
        ("steps.make.id", "reference-unclear: steps.make.id names no value"),
        ("steps", "reference-unclear: steps names no value"),
        ("steps['make'].result", "reference-unclear: steps names no value"),
        (
            "steps.make.result.nme",
            "unknown-member: There is no nme in steps.make.result; it has id",
        ),
        ("steps.make.result.id.more", "steps.make.result.id is a string and has no more"),
        ("params.nothing", "unknown-member: There is no nothing in params; it has email"),
        ("run.colour", "unknown-member: There is no colour in run"),
    ],
)
def test_a_reference_that_leads_nowhere_says_what_there_is(expression, words, make):
    assert words in told(expression, make, other={"action": "anything"})


@pytest.mark.parametrize(
    "expression",
    [
        "steps.make.result.id",
        "steps.make.status",
        "steps.make.error",
        "params.email.startsWith('x')",
        "params.people[0].name",
        "has(params.age) ? params.age : 0",
        "params.people.map(p, p.name)",
        "'steps.nobody.result' + params.email",
        "run.started_at",
    ],
)
def test_a_reference_to_what_is_there_is_fine(expression, make):
    assert told(expression, make) == ""


def test_a_step_far_before_may_be_named(make):
    steps = {
        "make": make,
        "middle": {"action": "anything", "after": ["make"]},
        "late": {
            "action": "anything",
            "after": ["middle"],
            "params": {"x": "${{ steps.make.result.id }}"},
        },
    }

    assert errors(steps) == {}


def test_what_undoes_a_step_may_name_it(make):
    undo = {"action": "anything", "params": {"id": "${{ steps.make.result.id }}"}}

    assert errors({"make": make | {"compensate": undo}}) == {}


@pytest.mark.parametrize(
    "expression",
    [
        "steps.make.result.key",
        "steps.make.result",
        "'key: ' + steps.make.result.key",
        "steps.make.result['key']",
        "params.pin",
        "params['pin']",
    ],
)
def test_a_secret_goes_nowhere_but_whole_into_a_secret_param(expression, make):
    assert told(expression, make).startswith("secret-exposed: ")


def test_a_secret_may_go_whole_into_a_param_that_is_marked(make):
    def into(text):
        late = {"action": "call-outside", "after": ["make"], "params": {"hidden": text}}
        return errors({"make": make, "late": late})

    assert into("${{ steps.make.result.key }}") == {}
    assert "secret-exposed" in into("Key ${{ steps.make.result.key }}")["/steps/late/params/hidden"]


def test_a_secret_decides_nothing_and_is_no_result(make):
    steps = {
        "make": make,
        "late": {"action": "anything", "after": ["make"], "when": "steps.make.result.key == 'x'"},
    }

    found = errors(steps, result="${{ steps.make.result }}")

    assert set(found) == {"/steps/late/when", "/result"}


def test_a_step_that_need_not_have_ended_is_doubtful(make):
    late = {
        "action": "anything",
        "after": ["make", "other"],
        "join": "any",
        "params": {"x": "${{ steps.make.result.id }}"},
    }
    steps = {"make": make, "other": {"action": "anything"}, "late": late}

    assert "make may still run when late begins" in warnings(steps)["/steps/late/params/x"]


def test_a_param_that_may_be_absent_is_doubtful(make):
    steps = {"only": {"action": "anything", "params": {"x": "${{ params.age }}"}}}

    assert "has(params.age)" in warnings(steps)["/steps/only/params/x"]


NAMED = {"x": "${{ steps.make.result.id }}"}


@pytest.mark.parametrize(
    ("rest", "frame", "place"),
    [
        pytest.param({"params": NAMED}, {}, "/steps/late/params/x", id="a param"),
        pytest.param(
            {"when": "steps.make.result.age > 1"}, {}, "/steps/late/when", id="a condition"
        ),
        pytest.param(
            {}, {"result": "${{ steps.make.result.id }}"}, "/result", id="the run's result"
        ),
    ],
)
def test_a_result_of_a_step_that_may_fail_is_doubtful(make, rest, frame, place):
    late = {"action": "anything", "after": ["make"]} | rest
    steps = {"make": make | {"optional": True}, "late": late}

    assert "make is optional and may have failed" in warnings(steps, **frame)[place]
    assert warnings(steps | {"make": make}, **frame) == {}


@pytest.mark.parametrize(
    "rest",
    [
        {"params": NAMED, "when": "steps.make.status == 'succeeded'"},
        {"params": {"x": "${{ steps.make.result == null ? '' : steps.make.result.id }}"}},
        {"params": {"x": "${{ steps.make.result }}"}},
    ],
)
def test_a_result_that_is_asked_for_first_is_not_doubtful(make, rest):
    make = {"action": "anything", "optional": True}
    late = {"action": "anything", "after": ["make"]} | rest

    assert warnings({"make": make, "late": late}) == {}


def test_a_result_in_a_failure_handler_is_doubtful():
    steps = {"make": {"action": "anything"}}

    def told(text):
        return warnings(steps, failure_handler={"action": "anything", "params": {"x": text}})

    found = told("${{ steps.make.result }}")
    assert "make may be the one that failed" in found["/failure_handler/params/x"]
    assert told("${{ steps.make.status == 'succeeded' ? steps.make.result : null }}") == {}
