"""Bodies that misuse the database session and the transaction that they run in."""

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests.faults.ward import Ward, check_error, outcomes
from tests.fixtures.waiting import wait_until
from tests.probe.models import Mark

# What each kind does to a worker in short is in test_poisons.
pytestmark = pytest.mark.long

LANES = ["poison-outside", "poison-inside", "poison-beside"]
SHORT = ["poison-short-outside", "poison-short-inside"]
ENDLESS = ["sql: endless statement", "sql: endless computation", "sql: stubborn statement"]
# What would end the transaction, which a body shares with others.
ENDING = ["sql: COMMIT", "sql: ROLLBACK", "sql: COMMIT and BEGIN"]
TAKING = ["sql: closed connection", "sql: replaced connection"]
HARMLESS = ["sql: temporary table", "sql: locked table", "sql: session lock", "sql: LISTEN",
            "sql: SET LOCAL", "sql: locked engine", "sql: read only"]  # fmt: skip


def count_of(question: str, *params: object) -> int:
    """The number that a query of the test's own session answers."""
    with connection.cursor() as cursor:
        cursor.execute(question, params)
        return cursor.fetchone()[0]


def running_statements() -> int:
    """How many sessions of the test's database still run what a poison has sent."""
    return count_of(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND state <> 'idle' AND (query LIKE %s OR query LIKE %s)",
        "SELECT pg\\_sleep%", "%generate\\_series(1, 1000000000000)%",
    )  # fmt: skip


def held_locks(number: int) -> int:
    """How many sessions hold that advisory lock."""
    return count_of(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        number,
    )


def check_nothing_left(ward: Ward) -> None:
    """No session runs, holds or has written anything of the poison."""
    wait_until(lambda: running_statements() == 0, what="the end of the statements")
    assert held_locks(4711) == 0
    assert not Mark.objects.filter(name="poison").exists()
    ward.check_health()


@pytest.mark.parametrize("poison", ENDLESS)
@pytest.mark.parametrize("lane", SHORT)
def test_an_endless_statement_is_cut_in_the_server_too(ward, lane, poison):
    patient = ward.treat(poison, to=lane)

    check_error(patient, "timeout", attempts=2)
    assert outcomes(patient) == ["timed_out"] * 2
    assert ward.starts == 2
    check_nothing_left(ward)


@pytest.mark.parametrize(
    ("poison", "lane"),
    [
        ("sql: a lock of somebody else", "poison-inside"),
        ("sql: a lock of somebody else", "poison-short-inside"),
        ("sql: a lock of somebody else", "poison-short-outside"),
        ("sql: locked table", "poison-inside"),
        ("sql: locked table", "poison-short-inside"),
    ],
)
def test_waiting_for_a_lock_of_somebody_else_is_bounded(ward, lane, poison):
    ward.env = {**ward.env, "ACTIONSITE_LOCK_TIMEOUT_SECONDS": "1"}
    with psycopg.connect(settings.DATABASE_DIRECT_URL) as other:
        other.execute("SELECT pg_advisory_xact_lock(815)")
        other.execute("LOCK TABLE probe_parent IN ACCESS EXCLUSIVE MODE")
        patient = ward.treat(poison, to=lane, timeout=25)

    assert patient.error_code in ("timeout", "lock_timeout")
    check_error(patient, patient.error_code, attempts=patient.max_attempts)
    assert ward.starts == patient.max_attempts
    check_nothing_left(ward)


@pytest.mark.parametrize("poison", ENDING)
def test_a_body_cannot_end_its_transaction(ward, poison):
    patient = ward.treat(poison, to="poison-inside")

    check_error(patient, "transaction_ended", attempts=1)
    assert patient.error["outcome"] == "known"
    assert ward.starts == 1
    check_nothing_left(ward)


@pytest.mark.parametrize("poison", TAKING)
def test_a_body_that_takes_the_connection_away_fails_once_an_attempt(ward, poison):
    patient = ward.treat(poison, to="poison-inside")

    check_error(patient, patient.error_code, attempts=patient.attempt_count)
    assert patient.attempt_count in (1, 5)
    assert ward.starts == patient.attempt_count
    check_nothing_left(ward)


def test_a_body_that_ends_its_session_is_given_up_like_any_error(ward):
    """That the body did it nobody can tell, so each attempt may have a few runs."""
    patient = ward.treat("sql: ended session", to="poison-inside")

    check_error(patient, patient.error_code, attempts=5)
    assert 5 <= ward.starts <= 20
    check_nothing_left(ward)


def test_a_deferred_constraint_that_a_body_breaks_is_its_own_failure(ward):
    patient = ward.treat("sql: deferred constraint", to="poison-inside")

    check_error(patient, "constraint_violated", attempts=5)
    assert ward.starts == 5
    check_nothing_left(ward)


def test_a_deadlock_is_repeated_and_given_up_like_any_error(ward):
    patient = ward.treat("sql: deadlock", to="poison-inside", timeout=40)

    assert patient.error["type"] == "OperationalError"
    check_error(patient, patient.error_code, attempts=5)
    assert ward.starts >= 5
    check_nothing_left(ward)


@pytest.mark.parametrize(
    "poison", ["sql: caught error", "sql: set_rollback", "sql: released savepoint",
               "sql: PREPARE TRANSACTION"]
)  # fmt: skip
def test_a_body_that_breaks_its_transaction_and_goes_on_fails(ward, poison):
    patient = ward.treat(poison, to="poison-inside")

    check_error(patient, patient.error_code, attempts=patient.attempt_count)
    assert patient.attempt_count in (1, 5)
    check_nothing_left(ward)


@pytest.mark.parametrize("poison", HARMLESS)
def test_what_a_body_may_do_leaves_nothing_behind(ward, poison):
    patient = ward.treat(poison, to="poison-inside")

    assert (patient.status, patient.attempt_count, ward.starts) == ("succeeded", 1, 1)
    assert Mark.objects.filter(name="poison").count() == 1
    assert held_locks(4711) == 0
    ward.check_health()


def test_a_body_without_patience_does_not_cut_the_settlement_short(ward):
    patient = ward.treat("sql: no patience", to="poison-inside")

    assert (patient.status, patient.attempt_count) == ("succeeded", 1)
    ward.check_health()
