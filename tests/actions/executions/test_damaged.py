"""A record that contradicts itself, as after a partial restore, stops nobody else."""

import pytest
from django.db import connection

from actions.executions.claim import claim
from actions.executions.perform import first_claim
from actions.models import Execution, ExecutionEvent, IdempotencyRecord
from actions.promises import PROMISES, broken_promises
from tests.fixtures.engine import Engine

DAMAGES = {
    "an attempt that is not counted": """
        INSERT INTO actions_attempt (execution_id, number, outcome, worker_id, worker_label,
            started_at, finished_at, decision)
        SELECT id, 1, 'failed', 1, 'w', now(), now(), '' FROM actions_execution WHERE id = %s""",
    "an event that is not counted": """
        UPDATE actions_execution SET event_count = event_count - 1 WHERE id = %s""",
    "no attempts left": """
        UPDATE actions_execution SET attempt_count = max_attempts WHERE id = %s""",
}


def damage(execution: Execution, how: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(DAMAGES[how], [execution.id])


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize(
    ("action", "params"),
    [
        ("probe-mark", {"name": "damaged"}),
        ("probe-fetch", {"word": "a"}),
        ("probe-one-per-customer", {"customer": "a"}),
    ],
    ids=["plain", "coroutine", "limited"],
)
def test_it_is_set_aside_and_the_others_run(engine, caplog, how, action, params):
    bad = engine.submit(action, key="k", **params)
    damage(bad, how)
    others = [engine.submit(action, **params) for _ in range(3)]

    engine.drain()

    for each in (bad, *others):
        each.refresh_from_db()
    assert {each.status for each in others} == {"succeeded"}
    assert (bad.status, bad.error_code, bad.error["outcome"]) == (
        "failed",
        "record_damaged",
        "unknown",
    )
    last = ExecutionEvent.objects.filter(execution=bad).order_by("seq").last()
    assert (last.type, last.data["code"]) == ("failed", "record_damaged")
    assert IdempotencyRecord.objects.get().expires_at is not None
    assert f"{bad.shown_id} is set aside" in caplog.text
    assert str(bad.id) in {breach.subject for breach in broken_promises()}


def test_one_that_keeps_losing_its_workers_is_set_aside_too(engine):
    bad = engine.submit("probe-mark", name="damaged")
    damage(bad, "an attempt that is not counted")
    Execution.objects.filter(id=bad.id).update(loss_count=2)
    other = engine.submit("probe-mark", name="other")

    assert [one.id for one in first_claim(engine.bench)] == [other.id]
    first_claim(engine.bench)
    engine.drain()

    bad.refresh_from_db()
    assert bad.error_code == "record_damaged"


@pytest.mark.parametrize("action", ["probe-mark-outside", "probe-mark"])
def test_what_is_settled_while_it_comes_to_its_turn_ends_as_it_did(engine, action):
    first = engine.submit(action, name="first")
    group = claim(engine.bench.claimant, quick=()).group
    bad = engine.submit("probe-mark", name="damaged")
    damage(bad, "an attempt that is not counted")

    engine.go_on(group)

    first.refresh_from_db()
    bad.refresh_from_db()
    assert (first.status, first.attempt_count) == ("succeeded", 1)
    assert bad.error_code == "record_damaged"


def test_fsck_names_what_was_set_aside(engine):
    bad = engine.submit("probe-mark", name="damaged")
    damage(bad, "an attempt that is not counted")
    Engine().drain()

    sentence = next(one.sentence for one in PROMISES if one.name == "nothing-is-set-aside")
    assert (sentence, str(bad.id)) in {(one.promise, one.subject) for one in broken_promises()}
