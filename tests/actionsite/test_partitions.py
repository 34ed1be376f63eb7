"""Every partition of the log refuses to be emptied: those that are there and those that come."""

from threading import Thread

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from actions.executions import workers
from actions.promises import broken_promises
from tests.fixtures.waiting import wait_until
from workflows import runs

PARTITIONS = """
SELECT inhrelid::regclass::text FROM pg_inherits
JOIN pg_class AS parent ON parent.oid = inhparent AND parent.relkind = 'p'
ORDER BY 1
"""
OF_THE_LOG = ("actions_executionevent", "actions_logline", "workflows_runevent")
NEXT_EVENT = """
INSERT INTO actions_executionevent (execution_id, seq, type, actor_kind, actor_id, actor_label,
    worker_label, request_id, data)
VALUES (gen_random_uuid(), 1, 'accepted', '', '', '', '', '', '{}')
"""
WAITS_FOR_A_LOCK = """
SELECT FROM pg_locks JOIN pg_database AS own ON own.oid = database
WHERE datname = current_database() AND NOT granted AND mode = 'ShareRowExclusiveLock'
"""


@pytest.fixture
def owner(cloned_database):
    """Whoever owns the tables."""
    with psycopg.connect(cloned_database, autocommit=True) as owner:
        yield owner


def partitions(owner):
    return [name for (name,) in owner.execute(PARTITIONS)]


def emptied(owner):
    """The partitions that let themselves be emptied; they stay as they are."""
    return [name for name in partitions(owner) if may_empty(owner, name)]


def may_empty(owner, name):
    try:
        with owner.transaction(force_rollback=True):
            owner.execute(f"TRUNCATE {name}")
    except psycopg.errors.InsufficientPrivilege as refused:
        return "append-only" not in str(refused)
    return True


def drop_months(owner):
    months = [name for name in partitions(owner) if not name.endswith("_rest")]
    for name in months:
        owner.execute(f"DROP TABLE {name}")
    return months


def make_months():
    workers.make_partitions()
    runs.make_partitions()


def test_no_partition_can_be_emptied(owner):
    found = partitions(owner)

    assert {name for name in OF_THE_LOG if f"{name}_rest" in found} == set(OF_THE_LOG)
    assert emptied(owner) == []


def test_months_that_come_cannot_be_emptied_either(owner):
    months = drop_months(owner)

    make_months()

    assert set(months) <= set(partitions(owner))
    assert emptied(owner) == []


def test_a_partition_without_its_trigger_is_named(owner):
    owner.execute("DROP TRIGGER log_is_not_truncated ON workflows_runevent_rest")

    (found,) = broken_promises()

    assert found.subject == "workflows_runevent_rest"
    assert "log_is_not_truncated" in found.detail


def test_the_migrations_go_back_and_forth(owner):
    call_command("migrate", "workflows", "0008", verbosity=0)
    call_command("migrate", "actions", "0016", verbosity=0)
    months = drop_months(owner)
    make_months()
    assert emptied(owner) == partitions(owner)

    call_command("migrate", verbosity=0)

    assert set(months) <= set(partitions(owner))
    assert emptied(owner) == []
    drop_months(owner)
    make_months()
    assert emptied(owner) == []


def test_the_migration_lets_others_write_while_somebody_writes_for_long(owner, cloned_database):
    call_command("migrate", "workflows", "0008", verbosity=0)
    call_command("migrate", "actions", "0016", verbosity=0)
    migration = Thread(target=migrate)
    with psycopg.connect(cloned_database) as writer:
        writer.execute(NEXT_EVENT)
        migration.start()
        wait_until(lambda: owner.execute(WAITS_FOR_A_LOCK).fetchone() is not None)

        owner.execute("SET statement_timeout = '20s'")
        owner.execute(NEXT_EVENT)

        assert migration.is_alive()
    migration.join()
    assert emptied(owner) == []


def migrate():
    call_command("migrate", verbosity=0)
    connection.close()
