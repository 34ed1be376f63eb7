"""From a document to a definition, or to all that is wrong with its form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions import schema
from actions.errors import DefinitionInvalid
from actions.policy import RetryPolicy
from workflows.definition import (
    EXAMPLES,
    SCHEMA,
    ActionStep,
    Call,
    Case,
    ConcurrencyKey,
    RunConcurrencyKey,
    SwitchStep,
    parse,
    read,
)


def document(**steps):
    return {"workflow": "story", "steps": steps}


def problems(given):
    return {problem.pointer: problem.detail for problem in read(given).problems}


def test_every_setting_of_a_step_is_read():
    step = parse(EXAMPLES["action"]).steps["welcome"]

    assert step == ActionStep(
        name="welcome",
        call=Call(
            called="action",
            name="send-welcome-email",
            params={
                "userId": "${{ steps.create_user.result.id }}",
                "template": "new-user-welcome-v2",
            },
        ),
        after=("create_user",),
        timeout_seconds=30,
        retry=RetryPolicy(max_attempts=5, backoff="exponential", delay_seconds=2),
        idempotency_key='"welcome-" + params.email',
        priority=10,
    )


def test_every_setting_of_the_run_is_read():
    definition = parse(EXAMPLES["action"])

    assert definition.workflow == "process-new-user"
    assert definition.compensate_after == ("failed", "cancelled")
    assert definition.timeout_seconds == 86_400
    assert definition.concurrency_key == RunConcurrencyKey(key="params.email", on_conflict="reject")
    assert definition.steps["sandbox"].concurrency_key == ConcurrencyKey(key='"sandboxes"', limit=5)
    assert definition.result == {"userId": "${{ steps.create_user.result.id }}"}


def test_what_is_left_out_has_its_default():
    definition = parse(document(only={"action": "noop"}))

    assert (definition.on_failure, definition.compensate_after) == ("stop", ("failed",))
    step = definition.steps["only"]
    assert (step.after, step.join, step.is_optional, step.retry) == ((), "all", False, None)


def test_the_steps_that_a_switch_names_wait_for_it():
    definition = parse(EXAMPLES["switch"])

    route = definition.steps["route"]
    assert isinstance(route, SwitchStep)
    assert route.cases[0] == Case(when='params.plan == "enterprise"', then=("call",))
    assert (definition.steps["call"].after, route.targets) == (("route",), ("call", "letter"))


def test_everything_that_is_wrong_with_the_form_is_said_at_once():
    given = document(
        one={"action": "noop", "whn": "true"},
        true={"action": "noop"},
        both={"action": "noop", "workflow": "other"},
        neither={"after": ["one"]},
        each={"map": {"over": "params.all"}},
        rest={"wait": {}},
        way={"switch": [{"when": "true", "then": ["one"]}]},
        again={"action": "noop", "retry": {"delay_seconds": 9, "max_delay_seconds": 1}},
        text="noop",
    ) | {"on_failure": "explode", "bogus": 1, "failure_handler": {}}

    found = problems(given)

    assert set(found) == {
        "/on_failure",
        "/bogus",
        "/failure_handler",
        "/steps/one/whn",
        "/steps/true",
        "/steps/both",
        "/steps/neither",
        "/steps/each/map",
        "/steps/rest/wait",
        "/steps/way/otherwise",
        "/steps/again/retry/max_delay_seconds",
        "/steps/text",
    }
    assert found["/steps/one/whn"] == "Is not known; did you mean when?"


def test_what_could_be_read_is_there_beside_what_could_not():
    reading = read(document(good={"action": "noop"}, bad={"action": 7}))

    assert list(reading.definition.steps) == ["good"]
    assert reading.unread == {"bad"}


def test_a_document_of_the_wrong_form_is_refused():
    with pytest.raises(DefinitionInvalid, match=r"refused.*more"):
        parse({"workflow": "Not a name", "steps": {}})


@pytest.mark.parametrize("value", [None, [], "text", 7, {"steps": []}, {"steps": None}])
def test_nothing_that_json_can_hold_makes_it_stumble(value):
    given = value if isinstance(value, dict) else {"workflow": value, "steps": {"a": value}}

    assert read(given).problems


def test_a_line_break_at_the_end_of_a_name_is_refused():
    (place,) = problems(document(a={"action": "noop\n"}))

    assert place == "/steps/a/action"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 200) | st.sampled_from(["a", "noop", "x.y", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["action", "map", "after", "when", "over", "params", "wait", "for"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(step=VALUES)
def test_what_can_be_read_fits_the_schema(step):
    given = document(some=step)

    is_read = not read(given).problems

    assert not is_read or schema.violations(SCHEMA, given) == []
