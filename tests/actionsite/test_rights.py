"""A role with the rights that are printed can serve and work, and cannot change the log."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import Client, override_settings
from django.utils import timezone

from actions import access, definitions, executions, logins, seals
from actions.access import Principal
from actions.actors import SYSTEM
from actions.executions import workers
from actions.models import AuditEvent, ExecutionEvent, LogLine
from actionsite.rights import APPEND_ONLY, BESIDE
from tests.actions.seals.conftest import this_hour
from tests.fixtures.engine import TESTER, Engine
from tests.workflows.runs.conftest import Stage
from workflows import runs
from workflows.models import Run
from workflows.runs import bulk
from workflows.runs.bulk import BulkWish


@pytest.fixture
def role(cloned_database, capsys) -> Iterator[str]:
    """From here on this process is a fresh role with the printed rights."""
    definitions.sync()
    name = f'app "{uuid4().hex[:8]}'
    quoted = psycopg.sql.Identifier(name).as_string()
    call_command("database_rights", "--role", name)
    with psycopg.connect(cloned_database, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {quoted} LOGIN")
        owner.execute(capsys.readouterr().out)
        before = connection.settings_dict["USER"]
        connection.close()
        connection.settings_dict["USER"] = name
        yield name
        connection.close()
        connection.settings_dict["USER"] = before
        owner.execute(f"DROP OWNED BY {quoted}; DROP ROLE {quoted}")


def test_the_role_can_serve_work_seal_and_verify(role):
    engine = Engine()
    _, key = access.create_key(name="crm", scopes=["executions:read"], by=SYSTEM)
    definitions.disable("probe-echo", by=SYSTEM)

    execution = engine.run("probe-flaky", name="one", fail_times=0)
    workers.beat(engine.worker_id)
    executions.reap()
    workers.make_partitions()
    workers.forget_the_dead()
    made = seals.seal_next()
    call_command("fsck")

    assert execution.status == "succeeded"
    assert access.authenticate(key) is not None
    assert (ExecutionEvent.objects.count(), LogLine.objects.count()) == (4, 1)
    assert AuditEvent.objects.count() == 2
    assert made is not None
    assert seals.verify().findings == []


def test_the_role_runs_workflows(role):
    stage = Stage(Engine())

    run = stage.start({"only": {"action": "probe-echo", "params": {"value": "1"}}})
    seals.seal_next()

    assert run.status == "succeeded"
    assert seals.verify().findings == []


def test_the_role_goes_on_with_bulk_reruns_and_hands_over_events(role):
    stage = Stage(Engine())
    failed = stage.start({"only": {"action": "probe-decline"}})
    wish = BulkWish(filters={}, what="whole", reason="again", expected_count=1, spacing_seconds=0)
    begun = bulk.start(wish, by=Principal(actor=TESTER, permissions=access.PERMISSIONS)).bulk
    stage.go_on(failed)
    waiting = stage.start({"asked": {"event": {"name": "go"}}}, workflow="waiting")

    runs.send(run_id=waiting.id, name="go", payload=None, by=TESTER)

    begun.refresh_from_db()
    assert (begun.status, Run.objects.reruns_of(failed.id).count()) == ("finished", 1)
    assert stage.go_on(waiting).status == "succeeded"


def test_the_role_counts_failures_at_the_login_refuses_and_forgets(role):
    wrong = {"username": "ada", "password": "wrong"}

    with override_settings(AXES_FAILURE_LIMIT=2):
        codes = [Client().post("/login", wrong).status_code for _ in range(3)]
    logins.forget_old()
    call_command("axes_reset_username", "ada")

    assert codes == [200, 429, 429]
    assert AuditEvent.objects.get().verb == "login.refused"


@pytest.mark.parametrize("table", sorted(BESIDE))
def test_the_role_cannot_change_what_was_asked_for(role, table):
    columns = {"bulkrerun": "reason", "bulkrerunentry": "run_id", "runsignal": "payload"}
    column = columns[table.rpartition("_")[2]]

    for statement in ("UPDATE {} SET {column} = {column}", "DELETE FROM {}"):
        assert refusal_of(statement.format(table, column=column))


def test_the_role_makes_the_months_of_both_logs(role, cloned_database):
    with psycopg.connect(cloned_database) as owner:
        months = [month for (month,) in owner.execute(LAST_MONTHS)]
        for month in months:
            owner.execute(f"DROP TABLE {month}")

    workers.make_partitions()
    runs.make_partitions()

    with psycopg.connect(cloned_database) as owner:
        assert [month for (month,) in owner.execute(LAST_MONTHS)] == months


# The last month of each table that has months.
LAST_MONTHS = """
SELECT max(inhrelid::regclass::text) FROM pg_inherits JOIN pg_class AS part ON part.oid = inhrelid
WHERE part.relkind = 'r' AND inhrelid::regclass::text ~ '_[0-9]{4}_[0-9]{2}$'
GROUP BY inhparent ORDER BY 1
"""
NEXT_EVENT = """
INSERT INTO actions_executionevent (execution_id, seq, type, actor_kind, actor_id, actor_label,
    worker_label, request_id, data)
VALUES (gen_random_uuid(), 1, 'accepted', '', '', '', '', '', '{}')
"""


def test_a_session_that_hides_its_times_from_the_role_holds_the_seal_up(role, cloned_database):
    with psycopg.connect(cloned_database) as hidden:
        hidden.execute("SELECT 1")
        assert seals.seal_next(now=this_hour()) is not None
        hidden.execute(NEXT_EVENT)
        due = timezone.now() + timedelta(hours=2)

        assert seals.seal_next(now=due) is None

    assert seals.seal_next(now=due).event_count == 1


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET {column} = {column}",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "DROP TABLE {}",
    ],
)
def test_the_role_cannot_change_the_log(role, table, statement):
    columns = {
        "audit": "verb",
        "seal": "hour",
        "actionversion": "digest",
        "workflowversion": "message",
    }
    column = next((name for part, name in columns.items() if part in table), "at")

    assert refusal_of(statement.format(table, column=column))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM actions_executionevent_rest",
        "SET session_replication_role = replica",
        "DROP TRIGGER log_is_append_only ON actions_executionevent",
        (
            "CREATE OR REPLACE FUNCTION actions_log_is_append_only() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN RETURN OLD; END $$"
        ),
        "UPDATE django_migrations SET name = name",
    ],
)
def test_the_role_finds_no_way_around(role, statement):
    assert refusal_of(statement)


def refusal_of(statement: str) -> str:
    """How the database refuses it, by the lack of a right and not by a trigger."""
    with pytest.raises(DatabaseError) as refused, connection.cursor() as cursor:
        cursor.execute(statement)
    assert refused.value.__cause__.sqlstate == "42501"
    assert "append-only" not in str(refused.value)
    return str(refused.value)
