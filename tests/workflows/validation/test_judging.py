"""A document as a whole: everything at once, bounded, and without a stumble."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.errors import DefinitionInvalid
from actions.expressions import MAX_SOURCE
from tests.workflows.validation.conftest import SURROUNDINGS, errors, found, warnings
from workflows.validation import MAX_PROBLEMS, validate

CHAIN_LENGTH = 10_000


TELL = {
    "action": "call-outside",
    "after": ["make"],
    "when": 'params.plan != "free" && steps.make.result.age > 17',
    "params": {
        "count": "${{ steps.make.result.age }}",
        "note": "Hello ${{ params.email }}, ${{ run.id }}",
        "hidden": "${{ steps.make.result.key }}",
    },
}
EACH = {
    "map": {
        "over": "params.people",
        "item_key": "item.name",
        "workflow": "other",
        "params": {"who": "${{ item.name }}"},
    },
    "when": "has(params.people)",
    "after": ["make"],
}


def test_a_definition_that_makes_sense_has_no_error(make):
    report = found(
        {"make": make, "tell": TELL, "each": EACH},
        result={"id": "${{ steps.make.result.id }}"},
        concurrency_key={"key": "params.email"},
        failure_handler={"action": "anything", "params": {"why": "${{ error.message }}"}},
    )

    assert report.errors == ()
    assert [one.code for one in report.warnings] == ["may-be-absent"]


def test_everything_that_is_wrong_is_said_at_once(make):
    steps = {
        "make": make,
        "bad_form": {"action": "anything", "whn": "true"},
        "nobody": {"action": "no-such"},
        "late": {"action": "anything", "after": ["nowhere"], "when": "params.nothing"},
    }

    assert set(errors(steps, bogus=1)) == {
        "/bogus",
        "/steps/bad_form/whn",
        "/steps/nobody/action",
        "/steps/late/after/0",
        "/steps/late/when",
    }


def test_a_map_of_sub_runs_has_no_concurrency_key(make):
    each = EACH | {"concurrency_key": {"key": "'all'"}}
    each["map"] = {"over": "params.people", "workflow": "other"}

    assert "/steps/each/concurrency_key" in errors({"make": make, "each": each})


def test_beyond_a_hundred_problems_they_are_only_counted():
    steps = {f"s{i}": {"action": "no-such"} for i in range(150)}

    report = found(steps)

    assert (len(report.errors), report.more_errors) == (MAX_PROBLEMS, 50)
    with pytest.raises(DefinitionInvalid, match=r"149 more.*150 errors the first 100") as refusal:
        report.refuse()
    assert len(refusal.value.errors) == MAX_PROBLEMS


def test_a_chain_of_ten_thousand_steps_is_judged_without_recursion():
    steps = {
        f"s{i}": {"action": "anything", "when": f"steps.s0.result.x > {i}", "after": [f"s{i - 1}"]}
        if i
        else {"action": "anything"}
        for i in range(CHAIN_LENGTH)
    }

    assert found(steps).problems == ()


@pytest.mark.parametrize(
    ("field", "expression", "code"),
    [
        ("when", "params.email +", "expression-invalid"),
        ("when", "x" * (MAX_SOURCE + 1), "max-length"),
        ("when", "nobody > 1", "expression-invalid"),
        ("when", "1 + 'a' == 2", "expression-invalid"),
        ("when", "item.name == 'x'", "expression-invalid"),
        ("when", "[1].map(params, params.x) == []", "expression-invalid"),
        ("when", "params.email", "type"),
        ("idempotency_key", "params.people", "type"),
        ("priority", "params.email", "type"),
    ],
)
def test_an_expression_is_compiled_and_checked_when_it_is_saved(field, expression, code):
    found_there = errors({"only": {"action": "anything", field: expression}})

    assert found_there[f"/steps/only/{field}"].startswith(f"{code}: ")


def test_the_place_in_an_expression_is_that_of_the_author(make):
    text = "steps.a_long_name.result.x == 12 && ) 3"
    steps = {"a_long_name": make, "late": {"action": "anything", "when": text}}

    told = found(steps | {"late": steps["late"] | {"after": ["a_long_name"]}})

    assert "column 37" in told.errors[0].detail


def test_a_map_over_something_else_than_a_list_is_refused():
    steps = {"each": {"map": {"over": "params.email", "action": "anything"}}}

    assert "Must give a list, but gives a string" in errors(steps)["/steps/each/map/over"]


def test_more_unlike_expressions_than_can_be_judged_in_time_are_refused():
    steps = {
        f"s{i}": {
            "action": "anything",
            "when": f"params.plan in [{', '.join(['1'] * (1_300 - i))}]",
        }
        for i in range(100)
    }

    assert "differ have more than" in errors(steps)[""]


def test_more_attempts_at_what_cannot_be_repeated_are_doubtful():
    retry = {"max_attempts": 3}
    steps = {
        "outside": {"action": "call-outside", "retry": retry},
        "inside": {"action": "anything", "retry": retry},
        "once": {"action": "call-outside", "retry": {"max_attempts": 1}},
    }

    assert list(warnings(steps)) == ["/steps/outside/retry"]
    assert errors(steps) == {}


def test_a_workflow_that_calls_itself_is_refused():
    assert "Calls itself" in errors({"again": {"workflow": "story"}})["/steps/again/workflow"]


def test_a_schema_that_cannot_be_used_is_an_error_at_its_place():
    steps = {
        "ask": {"approval": {"message": "?", "form": {"type": "nonsense"}}},
        "then": {"action": "anything", "after": ["ask"], "when": "steps.ask.result.answer.x == 1"},
    }

    found_there = errors(steps, params={"$ref": "#/nowhere"})

    assert set(found_there) == {"/steps/ask/approval/form/type", "/params"}


@pytest.mark.parametrize("given", [{"type": "string"}, {"const": 1}, {"enum": ["a", []]}])
def test_a_schema_that_no_object_fits_is_refused_where_only_objects_come(given):
    steps = {"ask": {"approval": {"message": "?", "form": given}}}
    steps["listen"] = {"event": {"name": "paid", "payload": given}}

    found_there = errors(steps, params=given)

    at = "/type" if "type" in given else ""
    assert set(found_there) == {f"/params{at}", f"/steps/ask/approval/form{at}"}


@pytest.mark.parametrize(
    ("step", "at"),
    [
        ({"wait": {"until": "'tomorrow'"}}, "wait/until"),
        ({"wait": {"until": "'2030-01-01T00:00:00' // no zone"}}, "wait/until"),
        ({"wait": {"for": "-1"}}, "wait/for"),
        ({"action": "anything", "idempotency_key": "''"}, "idempotency_key"),
        ({"action": "anything", "idempotency_key": "'a b'"}, "idempotency_key"),
        ({"action": "anything", "priority": "1000"}, "priority"),
        ({"action": "anything", "concurrency_key": {"key": "''"}}, "concurrency_key/key"),
    ],
)
def test_a_constant_that_would_always_fail_is_refused(step, at):
    assert errors({"only": step})[f"/steps/only/{at}"].startswith("expression-failed: ")


def test_a_constant_that_can_be_used_passes():
    steps = {
        "soon": {"wait": {"until": "'2030-01-01T00:00:00Z'"}},
        "later": {"wait": {"for": "1.5"}},
        "act": {"action": "anything", "idempotency_key": "'a'", "priority": "-3"},
    }

    assert found(steps).problems == ()


def test_who_is_asked_must_be_somebody():
    ask = {"message": "?", "roles": ["king"], "users": ["ada", "ghost"]}
    steps = {"ask": {"approval": ask}, "none": {"approval": {"message": "?", "roles": []}}}
    steps["none"]["approval"]["users"] = []
    known = replace(SURROUNDINGS, roles=frozenset({"editor"}), users=frozenset({"ada"}))

    report = validate({"workflow": "story", "steps": steps}, known)

    assert [(one.pointer, one.code) for one in report.errors] == [
        ("/steps/ask/approval/roles/0", "unknown-role"),
        ("/steps/none/approval", "nobody-asked"),
    ]
    assert [one.pointer for one in report.warnings] == ["/steps/ask/approval/users/1"]


def test_a_condition_that_is_never_true_is_doubtful():
    steps = {
        "never": {"action": "anything", "when": "false"},
        "way": {
            "switch": [{"when": "true", "then": ["never"]}, {"when": "true", "then": []}],
            "otherwise": [],
        },
    }

    assert list(warnings(steps)) == ["/steps/never/when", "/steps/way/switch/1"]


ODD = st.sampled_from(
    [
        "",
        "a",
        "${{ steps.a.result }}",
        "${{",
        "steps.a.result.b",
        "params['x']",
        "\x00",
        "x" * 5_000,
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD, inner, max_size=3),
    max_leaves=6,
)
STEP = st.fixed_dictionaries(
    {},
    optional={
        "action": st.sampled_from(["anything", "make-user", "none"]) | JSON,
        "params": JSON,
        "after": JSON | st.lists(st.sampled_from("abc"), max_size=3),
        "when": ODD | JSON,
        "map": st.fixed_dictionaries({"over": ODD, "action": st.just("anything")}) | JSON,
        "switch": JSON,
        "otherwise": JSON,
        "concurrency_key": JSON,
        "compensate": JSON,
    },
)


@settings(max_examples=200, deadline=None)
@given(steps=st.dictionaries(st.sampled_from("abc") | ODD, STEP | JSON, max_size=4), result=JSON)
def test_no_document_makes_it_stumble(steps, result):
    document = {"workflow": "story", "steps": steps, "result": result}

    report = validate(document, SURROUNDINGS)

    assert all(one.pointer == "" or one.pointer.startswith("/") for one in report.problems)
    assert all(one.detail.endswith((".", "?", ")")) for one in report.problems)
