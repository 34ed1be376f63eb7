"""What is wrong only once a run goes on: its step fails with a reason, and the run ends."""

from typing import Any

import pytest

from actions.promises import broken_promises
from tests.workflows.runs.conftest import Stage
from workflows.models import Run, Step


def nested(document: Any, depth: int) -> Any:
    for _ in range(depth):
        document = {"in": document}
    return document


ANY = {"type": "object"}
GIVEN = {
    "text": "x",
    "number": 2.5,
    "whole": 2**53 + 1,
    "huge": 10**300,
    "list": [1, 2],
    "long": ["x" * 100] * 9_000,
    "longer": list(range(10_001)),
    "wide": "x" * 700_000,
    "key": "k" * 256,
    "object": {"a": 1},
    "lines": "a\r\nb",
    "none": None,
    "deep": nested(0, 60),
    "never": "0001-01-01T00:00:00+14:00",
    "bare": "2030-01-01T00:00:00",
}


def nothing(**rest: Any) -> dict[str, Any]:
    return {"action": "probe-nothing"} | rest


def echo(value: Any, **rest: Any) -> dict[str, Any]:
    return {"action": "probe-echo", "params": {"value": value}} | rest


def over(source: str, **rest: Any) -> dict[str, Any]:
    return {"map": {"over": source, "action": "probe-nothing"} | rest}


# Without use, for some reason.
STEPS = {
    "condition_text": nothing(when="params.text"),
    "condition_null": nothing(when="params.none"),
    "case_number": {
        "switch": [{"when": "params.number", "then": []}],
        "otherwise": [],
    },
    "map_text": over("params.text"),
    "map_object": over("params.object"),
    "map_null": over("params.none"),
    "map_too_many": over("params.longer"),
    "map_too_many_made": over("params.long + params.long"),
    "item_key_list": over("params.list", item_key="[item]"),
    "item_key_long": over("params.list", item_key="params.key"),
    "until_number": {"wait": {"until": "params.number"}},
    "until_no_time": {"wait": {"until": "params.text"}},
    "until_before_all_calendars": {"wait": {"until": "params.never"}},
    "until_without_zone": {"wait": {"until": "params.bare"}},
    "for_text": {"wait": {"for": "params.text"}},
    "for_ages": {"wait": {"for": "params.huge"}},
    "for_no_number": {"wait": {"for": "params.number * 0.0 / 0.0"}},
    "priority_text": nothing(priority="params.text"),
    "priority_fraction": nothing(priority="params.number"),
    "priority_beyond_all": nothing(priority="params.whole"),
    "limit_list": nothing(concurrency_key={"key": "params.list"}),
    "limit_long": nothing(concurrency_key={"key": "params.key"}),
    "key_number": nothing(idempotency_key="params.number"),
    "key_long": nothing(idempotency_key="params.key"),
    "key_of_two_lines": nothing(idempotency_key="params.lines"),
    "no_number": echo("${{ params.number * 0.0 / 0.0 }}"),
    "number_beyond_all": echo("${{ params.number * 1e308 }}"),
    "whole_number_beyond_64_bits": echo("${{ params.huge + 1 }}"),
    "sum_beyond_64_bits": echo("${{ 9223372036854775807 + params.whole }}"),
    "text_with_nul": echo("${{ '\\u0000' + params.text }}"),
    "octets": echo("${{ bytes(params.text) }}"),
    "names_that_are_numbers": echo("${{ {params.whole: 2} }}"),
    "too_large": echo(["${{ params.wide }}", "${{ params.wide }}"]),
    "too_large_made": echo("${{ params.wide + params.wide }}"),
    "too_deep": echo(nested("${{ params.deep }}", 30)),
    "loops_in_loops": echo("${{ params.long.map(x, params.long.map(y, x + y)).size() }}"),
    "long_pattern": echo("${{ params.wide.matches(params.wide) }}"),
    "question_about_nothing": {"approval": {"message": "${{ params.none }}"}},
    "question_too_long": {"approval": {"message": "${{ params.wide }} ${{ params.wide }}"}},
    "not_there": echo("${{ params.absent.there }}"),
}
UNFIT = {
    "text_for_a_number": {
        "action": "probe-flaky",
        "params": {"name": "a", "fail_times": "${{ params.text }}"},
    },
    "list_for_text": {"action": "probe-mark", "params": {"name": "${{ params.list }}"}},
    "number_for_a_sub_run": {"workflow": "below", "params": {"name": "${{ params.number }}"}},
}
RESULTS = {
    "a number that is none": "${{ params.number * 0.0 / 0.0 }}",
    "what is not there": "${{ params.absent }}",
    "too large": ["${{ params.wide }}", "${{ params.wide }}"],
    "too deep": nested("${{ params.deep }}", 30),
    "a bomb": "${{ params.long.map(x, params.long.map(y, x + y)) }}",
}


def test_what_gives_a_value_without_use_fails_its_step_with_a_reason(stage: Stage):
    run = stage.start(STEPS, given=GIVEN, params=ANY, on_failure="continue")

    check_failed(run, steps=STEPS.keys(), code="expression_failed")


def test_params_that_do_not_fit_what_is_called_fail_their_step(stage: Stage, echo):
    named = {"type": "object", "properties": {"name": {"type": "string"}}}
    stage.publish({"only": echo(1)}, workflow="below", params=named)

    run = stage.start(UNFIT, given=GIVEN, params=ANY, on_failure="continue")

    check_failed(run, steps=UNFIT.keys(), code="params_invalid")


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS.keys())
def test_a_result_that_cannot_be_made_fails_the_run(stage: Stage, result):
    run = stage.start({"only": nothing()}, given=GIVEN, params=ANY, result=result)

    check_failed(run, steps=[], code="expression_failed")


def test_undoing_and_a_failure_handler_that_cannot_begin_hold_no_run_up(stage: Stage):
    wrong = {"action": "probe-echo", "params": {"value": "${{ params.absent }}"}}

    run = stage.start(
        {
            "done": nothing(compensate=wrong),
            "bad": {"action": "probe-decline", "after": ["done"]},
        },
        failure_handler=wrong,
        params=ANY,
    )

    assert stage.steps(run) == {
        "done": "succeeded",
        "bad": "failed",
        "@undo.done": "failed",
        "@on_failure": "failed",
    }
    assert (run.status, run.error["step"]) == ("failed", "bad")
    assert broken_promises() == []


def test_numbers_pass_through_a_run_as_exactly_as_json_has_them(stage: Stage, echo):
    numbers = [2**53 + 1, 2**63, 10**308, -(10**308), 5e-324, 0.1]

    run = stage.start(
        {
            "first": echo("${{ params.numbers }}"),
            "second": echo("${{ steps.first.result }}", "first"),
        },
        given={"numbers": numbers},
        params=ANY,
        result="${{ steps.second.result }}",
    )

    assert (run.status, run.result) == ("succeeded", numbers)


def check_failed(run: Run, *, steps: Any, code: str) -> None:
    """Fail unless the run has ended for that, and each of these steps failed so, with a sentence."""
    failed = {step.name: step.error for step in Step.objects.filter(run=run, status="failed")}
    assert failed.keys() == set(steps)
    for error in [run.error, *failed.values()]:
        assert error["code"] == code, error
        assert error["message"].endswith((".", "before you use it.")), error
        assert len(error["message"]) < 1_000
    assert run.status == "failed"
    assert broken_promises() == []
