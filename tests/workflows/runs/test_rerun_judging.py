"""What a re-run takes over, executes and skips: by what a step would be asked to do now."""

import pytest

from actions.errors import ParamsInvalid
from tests.fixtures.engine import TESTER
from workflows import definitions, runs
from workflows.runs.reruns import RerunWish

ANY = {"type": "object"}


def confirmed(wish):
    return runs.rerun(wish, digest=runs.preview(wish).digest, by=TESTER)


def verdicts(wish):
    return {entry.step: str(entry.verdict) for entry in runs.preview(wish).entries}


def entry(wish, name):
    return next(one for one in runs.preview(wish).entries if one.step == name)


def mapped(params, **rest):
    return {"map": {"over": "params.list", "action": "probe-echo", "params": params} | rest}


@pytest.fixture
def half(stage):
    """A run whose map has one element that succeeded and one that failed."""
    step = mapped({"value": "${{ [params.tag, item.of] }}"}, item_key="item.name")
    given = {"tag": "one", "list": [{"name": "a", "of": 1}, {"name": "b"}]}
    return stage.start({"all": step}, given=given, params=ANY, result="${{ steps.all.result }}")


def check_elements(stage, wish, *, count, reused):
    """Fail unless the re-run takes over just the elements that its preview says."""
    found = entry(wish, "all")
    assert (found.element_count, found.reused_count) == (count, len(reused))
    new = stage.go_on(confirmed(wish))
    steps = stage.steps(new)
    assert {name for name, status in steps.items() if status == "reused"} == reused
    return new


LIST = [{"name": "b", "of": 2}, {"name": "a", "of": 1}]


def test_elements_that_would_be_asked_for_the_same_are_taken_over_though_params_have_changed(
    stage, half
):
    wish = RerunWish(run=half, what="from_failed", params={"tag": "one", "list": LIST, "new": 1})

    new = check_elements(stage, wish, count=2, reused={"all[1]"})

    assert new.result == [["one", 2], ["one", 1]]


def test_elements_that_would_be_asked_for_something_else_are_executed(stage, half):
    wish = RerunWish(run=half, what="from_failed", params={"tag": "two", "list": LIST})

    new = check_elements(stage, wish, count=2, reused=set())

    assert new.result == [["two", 2], ["two", 1]]


def test_an_element_whose_value_has_changed_under_the_same_key_is_executed(stage, half):
    changed = [{"name": "a", "of": 7}, {"name": "b", "of": 2}]
    wish = RerunWish(run=half, what="from_failed", params={"tag": "one", "list": changed})

    new = check_elements(stage, wish, count=2, reused=set())

    assert new.result == [["one", 7], ["one", 2]]


def test_elements_of_a_map_that_calls_another_action_now_are_executed(stage, half):
    document = half.version.document
    step = mapped({"name": "${{ item.name }}"}) | {}
    step["map"]["action"] = "probe-mark"
    definitions.save_draft("under-test", document | {"steps": {"all": step}}, by=TESTER, expected=1)
    version = definitions.publish("under-test", by=TESTER).version
    wish = RerunWish(run=half, what="from_failed", version=version)

    check_elements(stage, wish, count=2, reused=set())


def test_a_step_that_would_be_asked_for_something_else_is_executed(stage, echo):
    steps = {
        "one": echo("${{ params.tag }}"),
        "two": echo(2),
        "behind": echo("${{ steps.one.result }}", "one"),
        "end": echo("${{ params.missing }}", "behind", "two"),
    }
    run = stage.start(steps, given={"tag": True}, params=ANY)
    wish = RerunWish(run=run, what="from_failed", params={"tag": 1})

    assert verdicts(wish) == {
        "one": "execute",
        "two": "reuse",
        "behind": "execute",
        "end": "execute",
    }
    assert entry(wish, "one").why == "It would be asked for something else now."
    assert stage.steps(stage.go_on(confirmed(wish)))["one"] == "succeeded"


@pytest.fixture
def chosen(stage, echo):
    """A run in which a switch has chosen one of two steps."""
    steps = {
        "way": {
            "switch": [{"when": "params.x == 'a'", "then": ["a"]}],
            "otherwise": ["b"],
        },
        "a": echo("a"),
        "b": echo("b"),
        "behind": echo("c", "b"),
    }
    return stage.start(steps, given={"x": "a"}, params=ANY)


def test_from_a_step_that_its_switch_has_not_chosen_says_that_it_is_skipped(stage, chosen):
    wish = RerunWish(run=chosen, what="from_step", step="b")

    assert verdicts(wish) == {"way": "reuse", "a": "reuse", "b": "skip", "behind": "skip"}
    assert entry(wish, "b").why == "way has not chosen it."
    assert stage.steps(stage.go_on(confirmed(wish)))["b"] == "skipped"


def test_a_switch_that_would_choose_otherwise_is_judged_anew(stage, chosen):
    wish = RerunWish(run=chosen, what="from_failed", params={"x": "b"})

    assert verdicts(wish) == dict.fromkeys(("way", "a", "b", "behind"), "execute")
    assert entry(wish, "a").is_conditional
    steps = stage.steps(stage.go_on(confirmed(wish)))
    assert (steps["a"], steps["b"], steps["behind"]) == ("skipped", "succeeded", "succeeded")


@pytest.mark.parametrize(("plan", "verdict"), [("free", "skip"), ("team", "execute")])
def test_a_condition_is_judged_by_the_params_of_the_rerun(stage, echo, plan, verdict):
    steps = {
        "first": echo(1),
        "paid": echo(2, "first", when="params.plan != 'free'"),
        "bad": echo("${{ params.missing }}", "first"),
    }
    run = stage.start(steps, given={"plan": "free"}, params=ANY)
    wish = RerunWish(run=run, what="from_failed", params={"plan": plan})

    assert verdicts(wish) == {"first": "reuse", "paid": verdict, "bad": "execute"}
    ends = stage.steps(stage.go_on(confirmed(wish)))
    assert ends["paid"] == {"skip": "skipped", "execute": "succeeded"}[verdict]


def test_what_its_condition_leaves_out_now_is_skipped_though_it_succeeded(stage, echo):
    steps = {"paid": echo(2, when="params.plan != 'free'"), "bad": echo("${{ params.missing }}")}
    run = stage.start(steps, given={"plan": "team"}, params=ANY)
    wish = RerunWish(run=run, what="from_failed", params={"plan": "free"})

    assert verdicts(wish)["paid"] == "skip"
    assert stage.steps(stage.go_on(confirmed(wish)))["paid"] == "skipped"


def test_a_join_of_any_that_has_succeeded_is_taken_over_though_another_way_is_open(stage, echo):
    steps = {
        "a": echo(1),
        "b": echo("${{ params.missing }}"),
        "first": echo(3, "a", "b", join="any"),
        "both": echo(4, "a", "b"),
    }
    run = stage.start(steps, params=ANY, on_failure="continue")
    wish = RerunWish(run=run, what="from_failed", params={"missing": 1})

    assert verdicts(wish) == {"a": "reuse", "b": "execute", "first": "reuse", "both": "execute"}
    assert stage.steps(stage.go_on(confirmed(wish))) == {
        "a": "reused",
        "b": "succeeded",
        "first": "reused",
        "both": "succeeded",
    }


def test_a_map_behind_an_executed_step_takes_over_what_is_asked_for_the_same(stage, echo):
    steps = {
        "list": echo("${{ params.list }}"),
        "all": {
            "map": {
                "over": "steps.list.result",
                "action": "probe-mark",
                "params": {"name": "${{ item }}"},
            },
            "after": ["list"],
        },
    }
    run = stage.start(steps, given={"list": ["a", 5]}, params=ANY)
    wish = RerunWish(run=run, what="from_failed", params={"list": ["b", "a"]})

    found = entry(wish, "all")
    assert (str(found.verdict), found.element_count) == ("execute", 0)
    assert "Elements that would be asked for the same as before are reused." in found.why
    steps = stage.steps(stage.go_on(confirmed(wish)))
    assert (steps["all[0]"], steps["all[1]"]) == ("succeeded", "reused")


@pytest.fixture
def stopped(stage, echo):
    """A run whose first step has failed, with steps behind it for which conditions speak."""
    steps = {
        "first": {"action": "probe-decline"},
        "paid": echo(1, "first", when="params.plan != 'free'"),
        "told": echo(2, "paid"),
        "seen": echo(3, "first", when="steps.first.status == 'failed'"),
        "end": echo(4, "first", "paid"),
    }
    return stage.start(steps, given={"plan": "free"}, params=ANY)


def test_a_step_behind_others_whose_condition_is_known_to_be_false_is_said_to_be_skipped(stopped):
    wish = RerunWish(run=stopped, what="from_failed")

    assert verdicts(wish) == {
        "first": "execute",
        "paid": "skip",
        "told": "skip",
        "seen": "execute",
        "end": "execute",
    }
    assert entry(wish, "paid").why == "Its condition is false."
    assert entry(wish, "told").why == "All that it waits for is skipped."
    paid = verdicts(RerunWish(run=stopped, what="from_failed", params={"plan": "team"}))
    assert set(paid.values()) == {"execute"}


def test_what_is_skipped_behind_a_step_that_fails_again_lets_nothing_begin(stage, stopped):
    new = stage.go_on(confirmed(RerunWish(run=stopped, what="from_failed", reason="A test.")))

    assert stage.steps(new)["first"] == "failed"
    assert {stage.steps(new)[name] for name in ("paid", "told", "end")} == {"pending"}


def test_a_step_sees_that_another_is_left_out_though_it_had_succeeded(stage, echo):
    steps = {
        "maybe": echo(1, when="params.x"),
        "other": echo(2),
        "sum": echo("${{ steps.maybe.status }}", "maybe", "other"),
        "bad": {"action": "probe-decline"},
    }
    run = stage.start(steps, given={"x": True}, params=ANY)
    wish = RerunWish(run=run, what="from_failed", reason="A test.", params={"x": False})

    assert verdicts(wish) == {"maybe": "skip", "other": "reuse", "sum": "execute", "bad": "execute"}
    assert entry(wish, "sum").params == {"value": "skipped"}
    assert stage.steps(stage.go_on(confirmed(wish)))["sum"] == "succeeded"


def test_from_what_has_failed_is_refused_where_nothing_has_and_says_what_to_ask_for(stage, echo):
    run = stage.start({"one": echo("${{ params.a }}")}, given={"a": 1}, params=ANY)

    with pytest.raises(ParamsInvalid, match="or all of it"):
        runs.preview(RerunWish(run=run, what="from_failed"))

    assert verdicts(RerunWish(run=run, what="from_failed", params={"a": 2})) == {"one": "execute"}
