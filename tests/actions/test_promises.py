"""The checks of the record find what they are for, and nothing else."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now

from actions import executions
from actions.executions.perform import first_claim
from actions.models import Execution, Worker
from actions.promises import PROMISES, Promise, broken_promises, check, kept
from tests.fixtures.engine import TESTER

# What breaks each promise; the rows of the fixture `story` are there.
BREAKS = {
    "held-by-the-living": "UPDATE actions_worker SET state = 'dead'",
    "every-attempt-is-a-row": (
        "DELETE FROM actions_attempt WHERE number = 1 AND outcome = 'succeeded'"
    ),
    "one-attempt-at-a-time": (
        "UPDATE actions_attempt SET outcome = 'failed', finished_at = now() "
        "WHERE outcome = 'running'"
    ),
    "one-success": "UPDATE actions_attempt SET outcome = 'failed' WHERE outcome = 'succeeded'",
    "log-without-gaps": "UPDATE actions_execution SET event_count = event_count + 1",
    "log-agrees": ("UPDATE actions_execution SET status = 'cancelled' WHERE status = 'succeeded'"),
    "one-end": (
        "INSERT INTO actions_executionevent SELECT execution_id, seq + 1, type, at, '', '', '', "
        "1, '', '', '{}' FROM actions_executionevent WHERE type = 'succeeded'"
    ),
    "one-execution-for-a-key": "UPDATE actions_idempotencyrecord SET name = 'other'",
    "keys-outlive-their-work": "UPDATE actions_idempotencyrecord SET expires_at = NULL",
    "blocked-by-what-is-there": (
        "UPDATE actions_execution SET blocked_on = 'nothing' WHERE status = 'retrying'"
    ),
    "a-success-has-its-result": (
        "UPDATE actions_execution SET result = NULL WHERE status = 'succeeded'"
    ),
    "places-are-counted": "UPDATE actions_limit SET taken = taken + 1",
    "nobody-is-forgotten": (
        "INSERT INTO actions_worker (host, pid, label, build, queues, state, lease_until, "
        "backend_pid, backend_started_at) VALUES ('h', 1, 'h:1', '', '{}', 'alive', "
        "now() + interval '1 hour', 0, now()); UPDATE actions_worker SET heartbeat_at = now() - "
        "interval '3 hours', lease_until = now() - interval '2 hours 59 minutes' WHERE pid <> 1"
    ),
    "the-last-attempt-agrees": """
        UPDATE actions_attempt SET outcome = 'cancelled' WHERE outcome = 'failed'""",
    "nothing-without-an-execution": """
        DELETE FROM actions_execution WHERE action_name = 'probe-decline'""",
    "no-second-effect": """
        UPDATE actions_attempt SET error = '{"outcome": "unknown"}' WHERE outcome = 'failed';
        UPDATE actions_execution SET status = 'retrying', finished_at = NULL
        WHERE action_name = 'probe-decline'""",
    "limits-hold": """
        INSERT INTO actions_execution SELECT (jsonb_populate_record(one, jsonb_build_object(
            'id', gen_random_uuid(), 'status', 'running', 'worker_id', 1, 'finished_at', NULL))).*
        FROM actions_execution AS one, generate_series(1, 2)
        WHERE action_name = 'probe-one-per-customer'""",
    "free-places-are-given": """
        UPDATE actions_worker SET started_at = now() - interval '1 hour';
        UPDATE actions_execution SET blocked_on = limits[1], status = 'queued', finished_at = NULL
        WHERE action_name = 'probe-one-per-customer';
        ALTER TABLE actions_executionevent DISABLE TRIGGER USER;
        UPDATE actions_executionevent SET at = now() - interval '1 hour';
        ALTER TABLE actions_executionevent ENABLE TRIGGER USER""",
    "rates-wake": """
        UPDATE actions_limit SET seconds = 60;
        UPDATE actions_execution SET blocked_on = (SELECT name FROM actions_limit)
        WHERE status = 'retrying'""",
    "due-some-day": "UPDATE actions_execution SET run_at = 'infinity' WHERE status = 'retrying'",
    "attempts-end": """
        UPDATE actions_worker SET lease_until = now() - interval '6 minutes',
            heartbeat_at = now() - interval '7 days';
        UPDATE actions_execution SET started_at = now() - interval '2 days'
        WHERE status = 'running'""",
    "leases-are-short": "UPDATE actions_worker SET lease_until = 'infinity'",
    "a-key-in-use-is-on-record": """
        UPDATE actions_execution SET idempotency_key = 'gone' WHERE status = 'running'""",
    "time-outs-hold": """
        UPDATE actions_worker SET lease_until = now() + interval '30 seconds';
        UPDATE actions_execution SET started_at = now() - interval '2 days'
        WHERE status = 'running'""",
    "limits-are-named": """
        UPDATE actions_execution SET limits = '{}', status = 'queued', finished_at = NULL
        WHERE action_name = 'probe-one-per-customer'""",
    "crashes-end": "UPDATE actions_execution SET crash_count = 9 WHERE status = 'retrying'",
    "nothing-is-set-aside": """
        UPDATE actions_execution SET error_code = 'record_damaged' WHERE status = 'failed'""",
    "lanes-are-right": """
        UPDATE actions_worker SET started_at = now() - interval '1 hour';
        UPDATE actions_actionversion SET created_at = now() - interval '1 hour';
        UPDATE actions_attempt SET finished_at = now() - interval '1 hour'
        WHERE finished_at IS NOT NULL;
        UPDATE actions_execution SET is_concurrent = true, started_at = now() - interval '1 hour',
            run_at = now() - interval '1 hour' WHERE status = 'retrying'""",
    "the-cancelled-end": """
        UPDATE actions_execution SET cancel_requested_at = now() WHERE status = 'retrying'""",
    "the-log-is-guarded": "DROP TRIGGER log_is_not_truncated ON actions_logline_rest",
}
# Other ways to break them.
ALSO_BREAKS = [
    (
        "one-success",
        """
        DELETE FROM actions_attempt WHERE outcome = 'succeeded';
        UPDATE actions_execution SET attempt_count = 0 WHERE status = 'succeeded'""",
    ),
    (
        "the-last-attempt-agrees",
        """
        UPDATE actions_attempt SET outcome = 'failed' WHERE outcome = 'succeeded';
        UPDATE actions_execution SET status = 'cancelled', attempt_count = 2
        WHERE status = 'succeeded'""",
    ),
    (
        "nothing-without-an-execution",
        """
        INSERT INTO actions_executionevent SELECT (jsonb_populate_record(one, jsonb_build_object(
            'execution_id', actions_first_id(now())))).*
        FROM actions_executionevent AS one LIMIT 1""",
    ),
    (
        "no-second-effect",
        """
        UPDATE actions_attempt SET error = '{"outcome": "unknown"}' WHERE outcome = 'failed';
        INSERT INTO actions_attempt
        SELECT (jsonb_populate_record(first, '{"number": 2, "error": null}')).*
        FROM actions_attempt AS first JOIN actions_execution AS tried ON tried.id = execution_id
        WHERE action_name = 'probe-decline';
        UPDATE actions_execution SET attempt_count = 2 WHERE action_name = 'probe-decline'""",
    ),
    (
        "a-key-in-use-is-on-record",
        """
        INSERT INTO actions_execution SELECT (jsonb_populate_record(one, jsonb_build_object(
            'id', gen_random_uuid(), 'idempotency_key', 'k', 'action_name', 'probe-mark'))).*
        FROM actions_execution AS one, generate_series(1, 2) WHERE status = 'retrying'""",
    ),
    (
        "leases-are-short",
        "UPDATE actions_worker SET lease_until = heartbeat_at + interval '2 hours'",
    ),
    (
        "time-outs-hold",
        """
        UPDATE actions_execution SET cancel_requested_at = now() - interval '3 hours'
        WHERE status = 'running'""",
    ),
    (
        "due-some-day",
        "UPDATE actions_execution SET run_at = '2345-01-01' WHERE status = 'retrying'",
    ),
    (
        "the-log-is-guarded",
        "ALTER TABLE actions_executionevent_rest DISABLE TRIGGER log_is_append_only",
    ),
    ("the-log-is-guarded", "ALTER TABLE actions_auditevent DISABLE TRIGGER USER"),
]


@pytest.fixture
def story(engine):
    """One of every kind: done with a key, failed, cancelled, retrying, running."""
    engine.submit("probe-mark", name="done", key="k")
    engine.drain()
    engine.run("probe-decline")
    waiting = engine.submit("probe-mark", name="cancelled")
    executions.cancel(execution_id=waiting.id, by=TESTER)
    engine.run("probe-one-per-customer", customer="a")
    engine.submit("probe-flaky", name="again", fail_times=2)
    executions.perform(first_claim(engine.bench), bench=engine.bench, may_claim=False)
    Execution.objects.filter(status="retrying").update(run_at=Now() + timedelta(hours=1))
    engine.submit("probe-echo", value=1)
    first_claim(engine.bench)


def test_a_record_of_every_kind_keeps_all_promises(story, capsys):
    call_command("fsck")

    assert f"{len(kept())} promises hold." in capsys.readouterr().out


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.name)
def test_each_check_finds_what_breaks_its_promise(story, promise):
    with connection.cursor() as cursor:
        cursor.execute(BREAKS[promise.name])

    assert promise.sentence in {breach.promise for breach in broken_promises()}


@pytest.mark.parametrize(("name", "statement"), ALSO_BREAKS)
def test_a_promise_that_is_broken_in_another_way_is_named_too(story, name, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)

    found = {breach.promise for breach in broken_promises()}
    assert next(promise.sentence for promise in PROMISES if promise.name == name) in found


@pytest.mark.parametrize(
    "since",
    [
        pytest.param("", id="it has become free just now"),
        pytest.param("UPDATE actions_worker SET started_at = now()", id="no worker has looked yet"),
        pytest.param(
            """
            INSERT INTO actions_execution SELECT (jsonb_populate_record(one, jsonb_build_object(
                'id', gen_random_uuid(), 'blocked_on', ''))).*
            FROM actions_execution AS one WHERE blocked_on <> ''""",
            id="the next one has been called",
        ),
    ],
)
def test_a_place_that_is_about_to_be_given_is_no_finding(story, since):
    broken, _, backdating = BREAKS["free-places-are-given"].partition("ALTER")
    with connection.cursor() as cursor:
        cursor.execute(f"{broken}; ALTER {backdating}; {since}" if since else broken)

    sentence = next(one.sentence for one in PROMISES if one.name == "free-places-are-given")
    assert sentence not in {breach.promise for breach in broken_promises()}


def test_the_command_fails_when_a_promise_is_broken(story):
    with connection.cursor() as cursor:
        cursor.execute(BREAKS["held-by-the-living"])

    with pytest.raises(CommandError, match="1 findings"):
        call_command("fsck")


@pytest.fixture
def checked(monkeypatch):
    """One more promise to be checked, of that statement."""

    def also(statement):
        one = Promise(name="a-test", sentence="A test.", statement=statement)
        monkeypatch.setattr(check, "_more", [one])

    return also


def test_a_check_that_takes_too_long_is_a_finding_and_the_others_go_on(story, checked):
    checked("SELECT pg_sleep(60), 'late'")
    with connection.cursor() as cursor:
        cursor.execute(BREAKS["held-by-the-living"])

    found = {one.promise: one.detail for one in broken_promises(statement_timeout_seconds=1)}

    assert "could not be checked" in found["A test."]
    assert len(found) == 2


def test_a_check_ends_in_the_database_when_its_client_has_gone(story, checked):
    checked("SELECT 'interval', current_setting('client_connection_check_interval')")

    assert [one.detail for one in broken_promises()] == ["2s"]


def test_the_workers_and_what_they_hold_are_listed(story, capsys):
    call_command("workers")

    printed = capsys.readouterr().out
    assert "alive" in printed
    assert "probe-echo  attempt 1" in printed


def test_workers_that_ended_long_ago_are_listed_on_request(story, capsys):
    Worker.objects.all().delete()
    for minutes, state in ((5, "stopped"), (90, "dead"), (90, "alive")):
        seen = Now() - timedelta(minutes=minutes)
        Worker.objects.create(
            host="h",
            pid=1,
            label=f"{state}-{minutes}",
            state=state,
            heartbeat_at=seen,
            lease_until=seen,
            backend_pid=0,
            backend_started_at=seen,
        )

    call_command("workers")
    recent = capsys.readouterr().out.splitlines()
    call_command("workers", "--all")
    every = capsys.readouterr().out.splitlines()

    assert [line.split()[0] for line in recent[:-1]] == ["alive-90", "stopped-5"]
    assert [line.split()[0] for line in every[:-1]] == ["alive-90", "dead-90", "stopped-5"]
    assert "alive-90  silent beyond its lease  heard 5400 s ago" in recent[0]
    assert recent[-1] == "No worker is alive; run manage.py qcluster."


def test_of_many_workers_that_ended_the_newest_are_listed(db, capsys):
    Worker.objects.bulk_create(
        Worker(
            host="h",
            pid=number,
            label=f"w{number}",
            state="stopped",
            lease_until=Now(),
            backend_pid=0,
            backend_started_at=Now(),
        )
        for number in range(150)
    )

    call_command("workers")

    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 101
    assert printed[0].startswith("w149 ")
