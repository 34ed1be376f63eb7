"""Maps: one execution for each element of a list."""

import pytest

LIST = {"type": "object", "properties": {"list": {"type": "array"}}, "required": ["list"]}


def mapped(action="probe-echo", /, **rest):
    params = rest.pop("params", {"value": "${{ item }}"})
    return {"map": {"over": "params.list", "action": action, "params": params} | rest}


def test_the_result_of_a_map_is_the_list_of_those_of_its_elements_in_order(stage):
    step = mapped(params={"value": ["${{ index }}", "${{ item }}"]})
    run = stage.start(
        {"all": step}, given={"list": ["a", "b"]}, params=LIST, result="${{ steps.all.result }}"
    )

    assert (run.status, run.result) == ("succeeded", [[0, "a"], [1, "b"]])
    assert stage.steps(run) == {"all[0]": "succeeded", "all[1]": "succeeded", "all": "succeeded"}


def test_a_map_over_nothing_succeeds_with_an_empty_list(stage):
    run = stage.start(
        {"all": mapped()}, given={"list": []}, params=LIST, result="${{ steps.all.result }}"
    )

    assert (run.status, run.result) == ("succeeded", [])


@pytest.mark.parametrize(("tolerated", "status"), [(0, "failed"), (1, "failed"), (2, "succeeded")])
def test_a_map_fails_once_more_elements_fail_than_it_tolerates(stage, tolerated, status):
    step = mapped("probe-decline", params={}, tolerated_failures=tolerated)

    run = stage.start({"all": step}, given={"list": [1, 2]}, params=LIST)

    assert run.status == status
    if status == "failed":
        assert run.error["message"] == "Step all failed: 2 elements of all failed."


def test_only_so_many_elements_run_at_once_and_all_of_them_in_the_end(stage):
    run = stage.start(
        {"all": mapped(concurrency=2)},
        given={"list": list(range(7))},
        params=LIST,
        result="${{ steps.all.result }}",
    )

    assert run.result == list(range(7))


def test_what_is_no_list_fails_the_step(stage):
    run = stage.start({"all": mapped()}, given={"list": "ab"}, params={"type": "object"})

    assert (run.status, run.error["code"]) == ("failed", "expression_failed")


def test_a_thousand_elements_are_joined_exactly_once(stage, echo):
    run = stage.start(
        {"all": mapped(), "behind": echo("${{ size(steps.all.result) }}", "all")},
        given={"list": list(range(1000))},
        params=LIST,
        result="${{ steps.behind.result }}",
    )

    assert (run.status, run.result) == ("succeeded", 1000)
    assert len(stage.executions(run)) == 1001


@pytest.mark.parametrize("concurrency", [None, 1])
def test_sub_runs_that_end_as_soon_as_they_begin_end_their_elements(stage, concurrency):
    at_once = {"choose": {"switch": [{"when": "true", "then": []}], "otherwise": []}}
    stage.publish(at_once, workflow="inner")
    over = {"over": "[1, 2, 3]", "workflow": "inner"}
    more = {} if concurrency is None else {"concurrency": concurrency}

    run = stage.start({"one": {"workflow": "inner"}, "each": {"map": over | more}})

    assert run.status == "succeeded"
    assert set(stage.steps(run).values()) == {"succeeded"}
