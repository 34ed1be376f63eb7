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
from tests.actions.breaches import ALSO_BREAKS, BREAKS
from tests.fixtures.engine import TESTER


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
