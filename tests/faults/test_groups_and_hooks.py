"""What a lost connection must not do to a caller, nor a neighbour to an external action."""

import psycopg
from django.db import connection, transaction

from actions import executions
from actions.models import Execution
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER
from tests.fixtures.waiting import wait_until


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


def test_what_waits_behind_a_body_that_takes_its_time_is_done_by_another_worker(
    catalogue, qcluster, tmp_path
):
    gate = tmp_path / "gate"
    qcluster(workers=2)
    for _ in range(10):
        executions.submit(action="probe-linger", params={}, by=TESTER)
    wait_until(lambda: is_all_over(10), what="ten quick ones")
    with transaction.atomic():
        first = executions.submit(action="probe-linger", params={"gate": str(gate)}, by=TESTER)
        for _ in range(20):
            executions.submit(action="probe-linger", params={}, by=TESTER)

    wait_until(lambda: is_all_over(30), what="the others", timeout=10)
    gate.touch()
    wait_until(lambda: is_all_over(31), what="the first")

    assert Execution.objects.get(id=first.execution.id).attempt_count == 1
    assert set(Execution.objects.values_list("attempt_count", flat=True)) == {1}
    assert broken_promises() == []


def is_all_over(count: int) -> bool:
    return Execution.objects.filter(status="succeeded").count() == count
