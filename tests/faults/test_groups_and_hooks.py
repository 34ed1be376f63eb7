"""What a lost connection must not do to a caller, nor a neighbour to an external action."""

import psycopg
from django.db import connection, transaction

from actions import executions
from actions.models import Execution
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER


def end_own_session(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as other:
        pid = connection.connection.info.backend_pid
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_connection_lost_between_the_commit_and_the_wake_up_refuses_nobody(
    engine, cloned_database
):
    with transaction.atomic():
        transaction.on_commit(lambda: end_own_session(cloned_database))
        executions.submit(action="probe-nothing", params={}, by=TESTER)

    connection.close()
    assert Execution.objects.count() == 1
    assert broken_promises() == []


def test_a_neighbour_that_breaks_the_transaction_repeats_no_external_call(engine, tmp_path):
    ledger = tmp_path / "ledger"
    submit_one_of_each(engine, str(ledger), rounds=4)
    before = ledger.read_text().split()

    submit_one_of_each(engine, str(ledger), rounds=1)

    calls = ledger.read_text().split()[len(before) :]
    assert len(calls) == len(set(calls)) == 1
    assert broken_promises() == []


def submit_one_of_each(engine, ledger: str, *, rounds: int) -> None:
    """Quick ones, so that they share a group once the worker has seen a few."""
    for number in range(rounds):
        engine.submit("probe-book", name=f"book {number}")
        engine.submit("probe-post-once", name=f"post {number}", ledger=ledger)
        engine.submit("probe-bad-sql")
    engine.drain()
