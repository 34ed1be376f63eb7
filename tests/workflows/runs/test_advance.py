"""From one step to the next: order, joins, conditions, failures."""

import pytest

from tests.fixtures.engine import TESTER
from workflows import runs
from workflows.models import Run, RunEvent, Step

ANY_PARAMS = {"type": "object", "properties": {"n": {"type": "integer"}}}
FAIL = {"action": "probe-decline"}


def test_a_step_has_its_own_retries_and_its_own_time(stage):
    flaky = {"action": "probe-flaky", "params": {"name": "own", "fail_times": 1}}
    nap = {"action": "probe-nap", "params": {"seconds": 30}, "timeout": 0.2}
    nap["retry"] = {"max_attempts": 1}

    run = stage.start(
        {"flaky": flaky | {"retry": {"max_attempts": 1}}, "nap": nap}, on_failure="continue"
    )

    errors = {one.name: one.error["code"] for one in Step.objects.filter(run=run)}
    assert (run.status, errors) == ("failed", {"flaky": "not_yet", "nap": "timeout"})


def test_a_comment_or_a_line_break_in_a_path_is_no_obstacle(stage, echo):
    run = stage.start(
        {
            "first": echo(41),
            "second": echo("https://${{ steps // the first\n.first\n  .result + 1 }}", "first"),
        },
        result="${{ steps // c\n.second.result }}",
    )

    assert (run.status, run.result) == ("succeeded", "https://42")


def test_a_step_gets_what_the_one_before_it_has_returned(stage, echo):
    run = stage.start(
        {
            "first": echo("${{ params.n }}"),
            "second": echo("${{ steps.first.result + 1 }}", "first"),
        },
        given={"n": 41},
        params=ANY_PARAMS,
        result={"sum": "${{ steps.second.result }}"},
    )

    assert stage.steps(run) == {"first": "succeeded", "second": "succeeded"}
    assert (run.status, run.result, run.error) == ("succeeded", {"sum": 42}, None)


def test_a_run_of_which_nothing_has_begun_says_that_it_is_in_progress(stage, echo):
    version = stage.publish({"only": echo(1)})
    run = Run.objects.get(id=runs.start(version=version, params={}, by=TESTER).id)

    assert (run.status, run.reason) == ("running", "in_progress")
    assert stage.steps(run) == {"only": "queued"}
    assert run.wake_at is not None


def test_a_join_waits_for_all_branches_and_runs_once(stage, echo):
    run = stage.start(
        {
            "left": echo(1),
            "right": echo(2),
            "join": echo("${{ steps.left.result + steps.right.result }}", "left", "right"),
        },
        result="${{ steps.join.result }}",
    )

    assert (run.status, run.result) == ("succeeded", 3)
    assert len(stage.executions(run)) == 3


def test_a_join_of_any_runs_once_after_the_first_and_ignores_the_others(stage, echo):
    run = stage.start(
        {"left": echo(1), "right": echo(2), "join": echo(3, "left", "right", join="any")}
    )

    assert run.status == "succeeded"
    assert stage.executions(run) == ["probe-echo"] * 3


def test_a_false_condition_skips_the_step_and_all_that_waits_for_nothing_else(stage, echo):
    run = stage.start(
        {
            "first": echo(1),
            "unwanted": echo(2, "first", when="steps.first.result > 1"),
            "behind": echo(3, "unwanted"),
            "join": echo("${{ steps.unwanted.status }}", "first", "behind"),
        },
        result="${{ steps.join.result }}",
    )

    assert stage.steps(run) == {
        "first": "succeeded",
        "unwanted": "skipped",
        "behind": "skipped",
        "join": "succeeded",
    }
    assert run.result == "skipped"


def test_a_switch_takes_the_first_case_that_is_true_and_skips_the_other_ways(stage, echo):
    run = stage.start(
        {
            "route": {
                "switch": [
                    {"when": "params.n > 10", "then": ["many"]},
                    {"when": "params.n > 1", "then": ["some"]},
                ],
                "otherwise": ["none"],
            },
            "many": echo("many"),
            "some": echo("some"),
            "none": echo("none"),
            "end": echo(1, "many", "some", "none"),
        },
        given={"n": 5},
        params=ANY_PARAMS | {"required": ["n"]},
    )

    steps = stage.steps(run)
    assert (steps["many"], steps["some"], steps["none"]) == ("skipped", "succeeded", "skipped")
    assert (steps["end"], run.status) == ("succeeded", "succeeded")


def test_after_a_failure_nothing_new_starts_and_the_error_says_which_step_and_why(stage, echo):
    run = stage.start({"first": FAIL, "second": echo(1, "first"), "third": echo(2, "second")})

    assert stage.steps(run) == {"first": "failed", "second": "pending", "third": "pending"}
    assert run.status == "failed"
    assert run.error["step"] == "first"
    assert run.error["code"] == "card_declined"
    assert run.error["message"] == "Step first failed at attempt 1: The card was declined."


def test_a_run_that_continues_goes_on_where_nothing_hinders_it(stage, echo):
    run = stage.start(
        {"bad": FAIL, "behind": echo(1, "bad"), "good": echo(2), "after": echo(3, "good")},
        on_failure="continue",
    )

    steps = stage.steps(run)
    assert (steps["behind"], steps["after"]) == ("pending", "succeeded")
    assert run.status == "failed"


def test_the_failure_of_an_optional_step_counts_as_a_success_for_those_behind_it(stage, echo):
    run = stage.start(
        {
            "first": FAIL | {"optional": True},
            "second": echo("${{ steps.first.error.code }}", "first"),
        },
        result="${{ steps.second.result }}",
    )

    assert (run.status, run.result) == ("succeeded", "card_declined")


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (
            {"action": "probe-echo", "params": {"value": "${{ params.absent }}"}},
            "expression_failed",
        ),
        ({"action": "probe-nothing", "when": "params.n"}, "expression_failed"),
        ({"action": "probe-mark", "params": {"name": "${{ params.n }}"}}, "params_invalid"),
        ({"wait": {"for": "params.n - 100"}}, "expression_failed"),
    ],
)
def test_a_step_that_cannot_begin_fails_its_run_with_a_reason(stage, step, code):
    run = stage.start({"only": step}, given={"n": 3}, params={"type": "object"})

    assert (run.status, run.error["code"]) == ("failed", code)
    assert stage.executions(run) == []


def test_the_log_of_a_run_tells_its_story_without_gaps(stage, echo):
    run = stage.start({"first": echo(1), "second": echo(2, "first")})

    events = list(RunEvent.objects.of(run.id))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [(event.type, event.step) for event in events] == [
        ("accepted", ""),
        ("started", ""),
        ("step_started", "first"),
        ("step_succeeded", "first"),
        ("step_started", "second"),
        ("step_succeeded", "second"),
        ("succeeded", ""),
    ]


def test_a_long_chain_of_skipped_steps_needs_no_depth(stage, echo):
    chain = {f"s{n}": echo(n, f"s{n - 1}") for n in range(1, 300)}

    run = stage.start({"s0": echo(0, when="false")} | chain)

    assert set(stage.steps(run).values()) == {"skipped"}
    assert run.status == "succeeded"


def test_no_secret_of_a_run_or_of_a_step_is_in_its_result(stage):
    run = stage.start(
        {"only": {"action": "probe-echo", "params": {"value": {"password": "canary-step"}}}},
        given={"account": {"password": "canary-run"}},
        params={"type": "object"},
        result={"given": "${{ params.account }}", "made": "${{ steps.only.result }}"},
    )

    assert run.status == "succeeded"
    assert "canary" not in str(run.result)
