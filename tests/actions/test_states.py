"""Every pair of states, against what the database lets a verb do."""

from itertools import product

import pytest

from actions.states import DUE, MOVES, TERMINAL, ExecutionStatus

S = ExecutionStatus
ALLOWED = {
    (S.QUEUED, S.RUNNING),
    (S.QUEUED, S.CANCELLED),
    (S.RUNNING, S.SUCCEEDED),
    (S.RUNNING, S.FAILED),
    (S.RUNNING, S.RETRYING),
    (S.RUNNING, S.CANCELLED),
    (S.RUNNING, S.QUEUED),
    (S.RETRYING, S.RUNNING),
    (S.RETRYING, S.CANCELLED),
}


@pytest.mark.parametrize(("here", "there"), list(product(S, S)))
def test_a_move_is_allowed_or_it_is_not(here, there):
    assert (there in MOVES[here]) == ((here, there) in ALLOWED)


def test_what_ended_stays_ended_and_only_what_waits_is_due():
    assert {S.SUCCEEDED, S.FAILED, S.CANCELLED} == TERMINAL
    assert {S.QUEUED, S.RETRYING} == DUE
