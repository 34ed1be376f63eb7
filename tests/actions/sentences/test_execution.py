"""Every status of an execution has its sentence."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.sentences import ExecutionFacts, Part, execution_sentence
from actions.states import Effect, ExecutionStatus
from tests.actions.properties import often, texts

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
BEFORE = datetime(2026, 11, 22, 2, 22, 37, tzinfo=UTC)
YESTERDAY = datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC)
SOON = datetime(2026, 11, 22, 2, 30, 12, tzinfo=UTC)
REFUSED = "SMTP connection refused by mail.internal:2525"


def said(status, **facts) -> str:
    return execution_sentence(facts_of(status, **facts)).text


def facts_of(status, **facts) -> ExecutionFacts:
    usual = {
        "action": "send-welcome-email",
        "now": NOW,
        "params": {"userId": "usr_12345"},
        "max_attempts": 4,
    }
    return ExecutionFacts(**{**usual, "status": status, **facts})


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({}, "is waiting for a worker."),
        ({"queued_at": BEFORE}, "is waiting for a worker since 02:22:37 UTC."),
        ({"queued_at": YESTERDAY}, "is waiting for a worker since 2026-11-21 23:59:59 UTC."),
        ({"queued_at": BEFORE, "run_at": BEFORE}, "is waiting for a worker since 02:22:37 UTC."),
        (
            {"queued_at": NOW, "run_at": NOW + timedelta(milliseconds=300)},
            "is waiting for a worker since 02:30:00 UTC.",
        ),
        ({"queued_at": BEFORE, "run_at": SOON}, "will start at 02:30:12 UTC."),
        (
            {"waits_for": "no worker serves the queue mail."},
            "is waiting: no worker serves the queue mail.",
        ),
    ],
)
def test_a_queued_execution_says_what_it_waits_for(facts, sentence):
    assert said("queued", **facts) == f"send-welcome-email for usr_12345 {sentence}"


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (
            {"started_at": BEFORE, "attempt_count": 1},
            "is running since 02:22:37 UTC, attempt 1 of 4.",
        ),
        (
            {"started_at": BEFORE, "attempt_count": 1, "max_attempts": 1},
            "is running since 02:22:37 UTC.",
        ),
        (
            {"started_at": BEFORE, "attempt_count": 2, "cancel_requested_at": BEFORE},
            "is running since 02:22:37 UTC, attempt 2 of 4, and was asked to stop at 02:22:37 UTC.",
        ),
    ],
)
def test_a_running_execution_says_since_when_and_which_attempt(facts, sentence):
    assert said("running", **facts) == f"send-welcome-email for usr_12345 {sentence}"


@pytest.mark.parametrize(
    ("run_at", "ending"),
    [
        (SOON, "; next try at 02:30:12 UTC."),
        (BEFORE, "; the next try was due at 02:22:37 UTC."),
        (None, "."),
    ],
)
def test_a_retrying_execution_says_what_failed_and_when_it_tries_again(run_at, ending):
    sentence = said("retrying", attempt_count=2, error=f"{REFUSED}.", run_at=run_at)

    assert (
        sentence == f"Attempt 2 of 4 of send-welcome-email for usr_12345 failed: {REFUSED}{ending}"
    )


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({}, "succeeded."),
        ({"took_seconds": 6.1, "attempt_count": 1}, "succeeded in 6.1 s."),
        ({"took_seconds": 6.1, "attempt_count": 3}, "succeeded in 6.1 s, at the third attempt."),
        (
            {"effect": Effect.TRANSACTIONAL, "took_seconds": 0.012},
            "succeeded in 12 ms, and was committed once.",
        ),
    ],
)
def test_a_succeeded_execution_says_how_long_it_took_and_what_is_proved(facts, sentence):
    assert said("succeeded", **facts) == f"send-welcome-email for usr_12345 {sentence}"


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"error": REFUSED, "attempt_count": 3}, f"failed: {REFUSED}, three times."),
        ({"error": REFUSED, "attempt_count": 1}, f"failed: {REFUSED}."),
        (
            {"error": REFUSED, "attempt_count": 3, "has_one_cause": False},
            f"failed: {REFUSED}, at the third attempt.",
        ),
        (
            {"error": "No.", "is_outcome_unknown": True},
            "failed: No; whether it took effect is unknown.",
        ),
        ({"error": "", "error_code": "timeout"}, "failed: timeout."),
        ({}, "failed: no message was recorded."),
        ({"error": "Who?"}, "failed: Who?"),
        ({"error": " \n\n  first  line \nsecond"}, "failed: first line."),
        ({"error": "to be continued..."}, "failed: to be continued..."),
        ({"error": "bell \x07 and \u202eturned"}, "failed: bell ? and ?turned."),
    ],
)
def test_a_failed_execution_says_why_and_how_often(facts, sentence):
    assert said("failed", **facts) == f"send-welcome-email for usr_12345 {sentence}"


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({}, "was cancelled, before it began."),
        (
            {
                "cancelled_by": "Mira Nowak",
                "finished_at": BEFORE,
                "attempt_count": 2,
                "reason": "Wrong user.",
            },
            "was cancelled by Mira Nowak at 02:22:37 UTC, after 2 attempts: Wrong user.",
        ),
        ({"attempt_count": 1}, "was cancelled, after 1 attempt."),
    ],
)
def test_a_cancelled_execution_says_who_stopped_it_and_why(facts, sentence):
    assert said("cancelled", **facts) == f"send-welcome-email for usr_12345 {sentence}"


def test_without_a_subject_the_action_itself_is_the_subject():
    found = execution_sentence(facts_of("succeeded", params={"amount": 5}))

    assert found.parts[0] == Part(kind="strong", text="send-welcome-email")
    assert found.text == "send-welcome-email succeeded."


def test_the_parts_say_what_is_the_subject_a_quote_and_a_time():
    found = execution_sentence(facts_of("retrying", attempt_count=2, error=REFUSED, run_at=SOON))

    assert found.parts == (
        Part(kind="text", text="Attempt 2 of 4 of send-welcome-email for "),
        Part(kind="strong", text="usr_12345"),
        Part(kind="text", text=" failed: "),
        Part(kind="quote", text=REFUSED),
        Part(kind="text", text="; next try at "),
        Part(kind="time", text="02:30:12 UTC", at=SOON),
        Part(kind="text", text="."),
    )
    assert str(found) == found.text


def test_a_time_of_another_zone_is_told_in_utc():
    abroad = BEFORE.astimezone(timezone(timedelta(hours=9)))

    assert "since 02:22:37 UTC" in said("queued", queued_at=abroad)


@pytest.mark.parametrize("error", ["word " * 100, "x" * 1_000])
def test_a_long_cause_is_cut(error):
    found = said("failed", error=error)

    assert len(found) < 300
    assert found.endswith("…")


@often
@given(st.sampled_from(ExecutionStatus), texts, texts, texts, st.integers(0, 1_000), st.booleans())
def test_every_execution_has_one_line_that_ends_as_a_sentence(
    status, error, by, reason, count, flag
):
    found = said(
        status,
        error=error,
        cancelled_by=by,
        reason=reason,
        attempt_count=count,
        max_attempts=1_000,
        is_outcome_unknown=flag,
        has_one_cause=flag,
        queued_at=BEFORE,
        run_at=SOON,
        started_at=BEFORE,
        finished_at=BEFORE,
        cancel_requested_at=BEFORE if flag else None,
        took_seconds=float(count),
    )

    assert found.endswith((".", "!", "?", "…"))
    assert found.isprintable()
    assert len(found) < 700
