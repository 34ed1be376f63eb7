"""What running and settling does, for every kind of ending."""

import json
from importlib import import_module

import pytest

from actions import quickness
from actions.models import Attempt, Execution, ExecutionEvent, LogLine
from tests.probe.actions import ODDITIES
from tests.probe.models import Mark


def event_types(execution: Execution) -> list[str]:
    events = ExecutionEvent.objects.filter(execution=execution).order_by("seq")
    return list(events.values_list("type", flat=True))


def test_a_transactional_action_leaves_its_effect_and_its_record_together(engine):
    execution = engine.run("probe-mark", name="one")

    assert execution.status == "succeeded"
    assert execution.result == {"name": "one"}
    assert Mark.objects.filter(execution=execution.shown_id).count() == 1
    assert event_types(execution) == ["accepted", "queued", "attempt_started", "succeeded"]
    attempt = Attempt.objects.get(execution=execution)
    assert (attempt.number, attempt.outcome) == (1, "succeeded")
    assert attempt.finished_at >= attempt.started_at


def test_an_attempt_that_fails_leaves_no_effect_and_keeps_its_log(engine, wait_until):
    execution = engine.run_once("probe-flaky", name="two", fail_times=1)
    assert execution.status == "retrying"
    assert execution.error["code"] == "not_yet"
    assert Mark.objects.count() == 0

    wait_until(lambda: engine.drain() == 1, what="the second attempt")

    execution.refresh_from_db()
    assert (execution.status, execution.result, execution.error) == ("succeeded", 2, None)
    assert list(Mark.objects.values_list("attempt", flat=True)) == [2]
    lines = LogLine.objects.filter(execution=execution).order_by("attempt")
    assert [(line.attempt, line.message) for line in lines] == [(1, "trying"), (2, "trying")]
    assert event_types(execution)[3:] == [
        "attempt_failed",
        "retry_scheduled",
        "attempt_started",
        "succeeded",
    ]


def test_the_attempts_end_and_the_last_error_stays(engine, wait_until):
    execution = engine.run("probe-flaky", name="three", fail_times=9)

    wait_until(lambda: engine.drain() and _ended(execution), what="the last attempt")

    attempts = Attempt.objects.filter(execution=execution).order_by("number")
    assert [one.outcome for one in attempts] == ["failed"] * 3
    assert attempts[2].decision == "no attempts left (3 of 3)"
    assert execution.error["message"] == "not yet"
    assert event_types(execution)[-1] == "failed"
    assert Mark.objects.count() == 0


def _ended(execution: Execution) -> bool:
    execution.refresh_from_db()
    return execution.status == "failed"


def test_a_final_error_is_not_retried(engine):
    execution = engine.run("probe-decline")

    assert execution.status == "failed"
    assert execution.attempt_count == 1
    assert execution.error["code"] == "card_declined"
    assert execution.error["details"] == {"reason": "limit"}
    assert execution.error["outcome"] == "known"


@pytest.fixture
def everything_is_quick(monkeypatch):
    """However slow the machine is, actions that were seen often enough share a transaction."""
    monkeypatch.setattr(quickness, "QUICK_SECONDS", 60.0)
    # The package's attribute of that name is the function.
    monkeypatch.setattr(import_module("actions.executions.perform"), "GROUP_SECONDS", 60.0)


def test_a_member_that_breaks_a_deferred_constraint_harms_no_neighbour(engine, everything_is_quick):
    for number in range(3):
        engine.run("probe-mark", name=f"warm {number}")
    engine.bench.quickness.saw("probe-orphan", 0.0)
    engine.bench.quickness.saw("probe-orphan", 0.0)
    engine.bench.quickness.saw("probe-orphan", 0.0)
    before = engine.submit("probe-mark", name="before")
    broken = engine.submit("probe-orphan", name="broken")
    after = engine.submit("probe-mark", name="after")

    engine.drain()

    statuses = {
        one.id: one.status for one in Execution.objects.filter(id__in=[before.id, after.id])
    }
    assert set(statuses.values()) == {"succeeded"}
    broken.refresh_from_db()
    assert broken.status == "retrying"
    assert broken.error["code"] == "constraint_violated"
    assert not Mark.objects.filter(name="broken").exists()


def test_an_action_that_breaks_the_shared_transaction_fails_alone(engine, everything_is_quick):
    for _ in range(3):
        engine.run("probe-nothing")
        engine.bench.quickness.saw("probe-bad-sql", 0.0)
    good = engine.submit("probe-nothing")
    bad = engine.submit("probe-bad-sql")

    engine.drain()

    good.refresh_from_db()
    bad.refresh_from_db()
    assert good.status == "succeeded"
    assert bad.status == "failed"
    assert "division by zero" in bad.error["message"]
    assert bad.attempt_count == 1


def test_quick_actions_share_a_transaction(engine, everything_is_quick):
    for number in range(3):
        engine.run("probe-mark", name=str(number))
    for number in range(10):
        engine.submit("probe-mark", name=f"group {number}")

    engine.drain()

    grouped = Execution.objects.filter(params__name__startswith="group")
    transactions = grouped.extra(select={"x": "xmin::text"}).values_list("x", flat=True)
    assert len(set(transactions)) == 1
    assert grouped.filter(status="succeeded").count() == 10


def test_an_external_body_that_runs_too_long_times_out_with_its_outcome_unknown(engine):
    execution = engine.run("probe-sleep", seconds=30)

    assert execution.status == "failed"
    assert execution.error["code"] == "timeout"
    assert execution.error["outcome"] == "unknown"
    assert Attempt.objects.get(execution=execution).outcome == "timed_out"


def test_a_transactional_body_that_runs_too_long_in_the_database_leaves_nothing(engine):
    execution = engine.run("probe-slow-sql")

    assert execution.status == "failed"
    assert execution.error["code"] == "timeout"
    assert Mark.objects.count() == 0
    assert engine.run("probe-mark", name="next").status == "succeeded"


def test_a_coroutine_is_an_action_too(engine):
    execution = engine.run("probe-fetch", word="hello")

    assert execution.result == "HELLO"
    assert LogLine.objects.get(execution=execution).fields == {"word": "hello"}


def test_a_secret_is_masked_in_the_log_and_the_error(engine, monkeypatch):
    monkeypatch.setenv("ACTIONSITE_SECRET_PROBE_PASSWORD", "swordfish-9000")

    execution = engine.run("probe-secret")

    stored = f"{execution.error} {LogLine.objects.get(execution=execution).message}"
    assert "swordfish" not in stored
    assert "cannot use" in execution.error["message"]


@pytest.mark.parametrize("value", [None, 0, "", False, [], {}, "ü", 1.5, {"a": [1, {"b": None}]}])
def test_every_json_value_can_be_a_result(engine, value):
    execution = engine.run("probe-echo", value=value)

    assert execution.status == "succeeded"
    assert execution.result == value


@pytest.mark.parametrize("action", ["probe-odd-error", "probe-odd-coroutine"])
@pytest.mark.parametrize("oddity", sorted(ODDITIES))
def test_an_error_that_is_hard_to_write_down_is_still_a_failure(engine, action, oddity):
    execution = engine.run(action, oddity=oddity)

    assert execution.status == "failed"
    assert execution.error["code"] == ("Not_A_Code" if "code" in oddity else "odd")
    assert len(json.dumps(execution.error["details"])) < 10_000


def test_a_secret_is_masked_in_the_details_of_an_error(engine, monkeypatch):
    monkeypatch.setenv("ACTIONSITE_SECRET_PROBE_PASSWORD", "swordfish-9000")

    execution = engine.run("probe-details")

    assert "swordfish" not in json.dumps(execution.error)


def test_a_marked_param_is_masked_wherever_the_action_says_it(engine):
    execution = engine.run("probe-marked", password="swordfish-9000")

    stored = json.dumps(execution.error) + LogLine.objects.get(execution=execution).message
    assert "swordfish" not in stored


@pytest.mark.parametrize(
    "statement", ["COMMIT", " rollback;", "ABORT", "END", "BEGIN", "COMMIT; BEGIN"]
)
def test_an_action_cannot_end_the_transaction_that_it_shares(engine, statement):
    neighbour = engine.submit("probe-mark", name="neighbour")
    execution = engine.run("probe-commit", name="mine", statement=statement)

    assert execution.status == "failed"
    assert execution.error["code"] == "transaction_ended"
    assert execution.error["outcome"] == "known"
    assert not Mark.objects.filter(name="mine").exists()
    neighbour.refresh_from_db()
    assert (neighbour.status, neighbour.attempt_count) == ("succeeded", 1)


@pytest.mark.parametrize("statement", ["COMMIT", "COMMIT; BEGIN"])
def test_an_action_that_commits_behind_our_back_is_not_run_again(engine, statement):
    execution = engine.run("probe-commit", name="mine", statement=statement, behind=True)

    assert execution.status == "failed"
    assert execution.error["code"] == "transaction_ended"
    assert execution.error["outcome"] == "unknown"
    assert Mark.objects.filter(name="mine").count() == 1
    assert engine.run("probe-mark", name="next").status == "succeeded"


def test_how_an_action_rounds_is_not_how_the_next_one_does(engine):
    usual = engine.run("probe-round").result

    assert engine.run("probe-round", precision=3).result == "0.333"

    assert engine.run("probe-round").result == usual


def test_an_attempt_that_outlasts_the_retry_budget_is_the_last(engine):
    execution = engine.run("probe-slow-failure")

    assert (execution.status, execution.attempt_count) == ("failed", 1)
    assert Attempt.objects.get().decision == "the retry budget of 0.2 s is used up"


def test_nothing_is_claimed_that_would_wait_for_the_hooks_of_a_commit(engine):
    for _ in range(3):
        engine.submit("probe-hook")

    engine.drain()

    assert set(Mark.objects.values_list("name", flat=True)) == {"beside 0"}
