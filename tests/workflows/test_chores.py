"""Workers seal the log and roll up what has ended, beside their other duties."""

from datetime import timedelta

import psycopg
import pytest
from axes.models import AccessAttempt
from django.utils import timezone

from actions import executions, seals
from actions.models import Execution, RollUp, Seal, Worker
from tests.fixtures.engine import TESTER

# Sealing waits for it, and nothing else does.
IN_THE_WAY = "LOCK TABLE actions_sealleaf IN EXCLUSIVE MODE"
# The commit of the seal asks nothing of this lock; what waits for the leaves does.
WAITING = (
    "SELECT count(*) FROM pg_locks WHERE relation = 'actions_sealleaf'::regclass AND NOT granted"
)
FULL = """
INSERT INTO actions_executionevent (execution_id, seq, type, at, actor_kind, actor_id, actor_label,
    worker_label, request_id, data)
SELECT gen_random_uuid(), 1, 'accepted', clock_timestamp() - interval '3 hours', '', '', '', '', '',
    '{}' FROM generate_series(1, 3)
"""
AN_HOUR_AGO = """
SET session_replication_role = replica;
UPDATE actions_executionevent SET at = date_trunc('hour', at) - interval '30 minutes'
"""


def test_workers_seal_the_hours_that_are_over(catalogue, qcluster, wait_until, cloned_database):
    with psycopg.connect(cloned_database) as past:
        past.execute(FULL)

    qcluster(workers=2)

    made = wait_until(Seal.objects.newest, what="a seal")
    assert made.event_count == 3
    assert Seal.objects.count() == 1
    assert seals.verify().findings == []


def test_workers_roll_up_what_has_ended(catalogue, qcluster, wait_until, cloned_database):
    execution = executions.submit(action="probe-nothing", params={}, by=TESTER).execution
    executions.cancel(execution_id=execution.id, by=TESTER)
    with psycopg.connect(cloned_database) as past:
        past.execute(AN_HOUR_AGO)

    qcluster(workers=2)

    wait_until(lambda: RollUp.objects.filter(cancelled=1).count() == 3, what="the roll-ups")
    assert not RollUp.objects.exclude(cancelled=1).exists()


def test_workers_forget_failures_at_the_login_of_the_day_before(
    catalogue, qcluster, wait_until, cloned_database
):
    for name, age in (("old", timedelta(hours=25)), ("new", timedelta(hours=23))):
        row = AccessAttempt.objects.create(username=name, failures_since_start=1)
        AccessAttempt.objects.filter(pk=row.pk).update(attempt_time=timezone.now() - age)

    qcluster(workers=1)

    wait_until(lambda: AccessAttempt.objects.count() == 1, what="the old one to go")
    assert AccessAttempt.objects.get().username == "new"


@pytest.fixture
def beats(wait_until):
    """Wait until a worker has been heard of once more."""

    def wait() -> None:
        before = Worker.objects.latest("heartbeat_at").heartbeat_at
        wait_until(
            lambda: Worker.objects.latest("heartbeat_at").heartbeat_at > before, what="a heartbeat"
        )

    return wait


def test_a_sealing_that_takes_long_delays_no_heartbeat_and_no_work(
    catalogue, qcluster, wait_until, cloned_database, beats
):
    with psycopg.connect(cloned_database) as slow:
        slow.execute(IN_THE_WAY)
        qcluster(workers=1)
        wait_until(lambda: slow.execute(WAITING).fetchone()[0], what="the sealing")

        execution = executions.submit(action="probe-nothing", params={}, by=TESTER).execution
        for _ in range(8):
            beats()

        wait_until(lambda: Execution.objects.get(id=execution.id).is_terminal)
        assert not Seal.objects.exists()
    wait_until(Seal.objects.newest, what="the seal")
    assert Worker.objects.count() == 1
