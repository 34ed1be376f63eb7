"""The database refuses a transaction because of others: the transaction is tried again."""

import pytest
from django.db import connection

from actions import executions
from actions.models import Attempt, Execution
from actions.promises import broken_promises
from tests.faults.accounts import EVERY_EFFECT
from tests.fixtures.engine import TESTER
from tests.fixtures.waiting import wait_until
from tests.probe.models import Mark, Parent

pytestmark = pytest.mark.usefixtures("catalogue")

# Settling fails so many times; a sequence keeps counting when its transaction is rolled back.
REFUSE_AT_FIRST = """
CREATE SEQUENCE refusals;
CREATE FUNCTION refuse_at_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('refusals') <= {times} THEN
        RAISE EXCEPTION 'on purpose' USING ERRCODE = '{state}';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_at_first BEFORE UPDATE ON actions_attempt
FOR EACH ROW EXECUTE FUNCTION refuse_at_first();
"""


def submit(action: str, **params: object) -> Execution:
    return executions.submit(action=action, params=params, by=TESTER).execution


def test_two_that_lock_in_opposite_order_both_succeed(account, qcluster, tmp_path):
    rows = [Parent.objects.create().id for _ in range(2)]
    qcluster(workers=2)
    for first, second in (rows, reversed(rows)):
        submit("probe-lock-two", first=first, second=second, place=str(tmp_path))

    wait_until(account.is_over, what="both ends")

    assert set(Execution.objects.values_list("status", flat=True)) == {"succeeded"}
    assert sorted(Mark.objects.values_list("name", flat=True)) == sorted(map(str, rows))
    # The body that the database had to fail was run again within its attempt.
    assert set(Attempt.objects.values_list("number", "outcome")) == {(1, "succeeded")}
    assert broken_promises() == []


def test_a_body_that_the_database_refuses_is_tried_again_within_its_policy(account, qcluster):
    qcluster(workers=1)
    submit("probe-serialize", name="one")

    wait_until(account.is_over, what="its end")

    execution = Execution.objects.get()
    assert (execution.status, execution.attempt_count) == ("succeeded", 3)
    assert list(Mark.objects.values_list("attempt", flat=True)) == [3]
    assert broken_promises() == []


@pytest.mark.parametrize("action", EVERY_EFFECT)
@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_a_settlement_that_the_database_refuses_is_tried_again(account, qcluster, action, state):
    with connection.cursor() as cursor:
        cursor.execute(REFUSE_AT_FIRST.format(times=2, state=state))
    qcluster(workers=1)
    account.submit(action, key="one")

    assert account.check() == []
    assert Execution.objects.get().status == "succeeded"
