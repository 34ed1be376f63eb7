"""In which order executions have their turn."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from actions import executions
from actions.executions import workers
from actions.executions.perform import first_claim
from actions.models import Execution


def actions_of(claims) -> list[str]:
    return [one.action for one in claims]


def take_all(engine) -> list[str]:
    """The actions in the order in which they have their turn, one by one."""
    order = []
    while group := first_claim(engine.bench):
        order += actions_of(group)
        executions.perform(group, bench=engine.bench, may_claim=False)
    return order


def test_the_higher_priority_goes_first_and_then_the_older_one(engine):
    for action in ("probe-patient", "probe-nothing", "probe-urgent", "probe-nothing"):
        engine.submit(action)

    assert take_all(engine) == [
        "probe-urgent",
        "probe-nothing",
        "probe-nothing",
        "probe-patient",
    ]


def test_within_a_priority_the_due_time_decides(engine):
    late, early = engine.submit("probe-nothing"), engine.submit("probe-nothing")
    Execution.objects.filter(id=early.id).update(run_at=F("run_at") - timedelta(minutes=1))

    assert [one.id for one in first_claim(engine.bench)] == [early.id]
    assert [one.id for one in first_claim(engine.bench)] == [late.id]


def test_queues_of_one_priority_take_turns(engine):
    for _ in range(40):
        engine.submit("probe-nothing")
    for _ in range(5):
        engine.submit("probe-elsewhere")

    taken = Counter(actions_of(first_claim(engine.bench))[0] for _ in range(40))

    # A fair coin falls 40 times on one side once in a million million.
    assert taken["probe-elsewhere"] > 0


def test_a_worker_takes_only_from_the_queues_that_it_serves(engine):
    engine.submit("probe-nothing")
    engine.submit("probe-elsewhere")
    engine.bench.claimant = replace(engine.bench.claimant, queues=("elsewhere",))

    assert actions_of(first_claim(engine.bench)) == ["probe-elsewhere"]
    assert first_claim(engine.bench) == []


def test_what_is_due_later_is_not_claimed_and_is_waited_for(engine):
    execution = engine.submit("probe-nothing")
    Execution.objects.filter(id=execution.id).update(run_at=Now() + timedelta(seconds=90))

    assert first_claim(engine.bench) == []
    assert 80 < workers.seconds_to_next_due(engine.bench.claimant) <= 90


def test_an_action_without_code_here_is_left_to_others_and_not_waited_for(engine):
    engine.submit("probe-nothing")
    engine.bench.claimant = replace(engine.bench.claimant, actions=("probe-mark",))

    assert first_claim(engine.bench) == []
    assert workers.seconds_to_next_due(engine.bench.claimant) is None


def test_a_claim_reads_no_more_rows_than_it_takes_however_many_wait(engine):
    engine.submit("probe-nothing")
    copy_first(2_000)

    read = rows_read_by(lambda: first_claim(engine.bench))

    assert Execution.objects.count() == 2_001
    assert read < 50


def copy_first(count: int) -> None:
    """As many more executions as that, the same as the first."""
    columns = ", ".join(
        f'"{field.column}"' for field in Execution._meta.concrete_fields if field.name != "id"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO actions_execution (id, {columns}) "  # noqa: S608  # names of our own columns
            f"SELECT gen_random_uuid(), {columns} FROM actions_execution, "
            f"generate_series(1, {count})"
        )


def rows_read_by(call) -> int:
    """How many rows of the table a call reads, by whatever kind of scan."""
    read = """
        SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
        FROM pg_stat_xact_user_tables WHERE relname = 'actions_execution'
    """
    with transaction.atomic():
        call()
        with connection.cursor() as cursor:
            cursor.execute(read)
            return cursor.fetchone()[0]


def test_the_engines_statements_are_planned_once(engine):
    for _ in range(3):
        engine.run("probe-nothing")

    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        prepared = " ".join(statement for (statement,) in cursor.fetchall())
    assert "UPDATE actions_execution AS execution SET" in prepared
    assert "FOR UPDATE SKIP LOCKED" in prepared
