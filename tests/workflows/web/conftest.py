"""Runs on the engine of the test's own process, in a database that rolls back."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from actions import executions
from actions.actors import Actor
from actions.errors import IdempotencyKeyReused
from actions.models import IdempotencyRecord
from tests.fixtures.engine import TESTER, Engine
from tests.fixtures.key_pages import record
from tests.workflows.runs.conftest import Stage
from workflows import runs
from workflows.models import Run

ADA = Actor(kind="user", id="7", label="ada", request_id="req_ada")
ECHO = {"one": {"action": "probe-echo", "params": {"value": 1}}}
ASK = {"ask": {"approval": {"message": "May I?"}}}
NUMBER = {"type": "object", "properties": {"n": {"type": "integer"}}}


@pytest.fixture
def cloned_database(db) -> str:
    """The worker's own database instead of a clone, which costs a second."""
    return os.environ["DATABASE_URL"]


@pytest.fixture
def stage(engine: Engine) -> Stage:
    """Workflows and runs on the test's engine."""
    return Stage(engine)


def start(key: str, *, workflow: str = "under-test", by: Actor = TESTER, **params) -> Run:
    return runs.submit(workflow=workflow, params=params, by=by, key=key).held


@pytest.fixture
def used_key(stage) -> Run:
    """A key under which a run attached, ended, was replayed twice and refused once."""
    stage.publish(ECHO, params=NUMBER)
    run = start("order-1", n=1)
    start("order-1", n=1, by=ADA)
    stage.engine.drain()
    for _ in range(2):
        start("order-1", n=1, by=ADA)
    with pytest.raises(IdempotencyKeyReused):
        start("order-1", n=2, by=ADA)
    return run


@pytest.fixture
def keys_in_every_state(stage) -> dict[str, str]:
    """One key of a run in each state, one of a command to a run, and one of an execution."""
    stage.publish(ECHO)
    stage.publish(ASK, workflow="asking")
    for key in ("finished", "expired", "released"):
        start(key)
    start("in-use", workflow="asking")
    stage.engine.drain()
    past = timezone.now() - timedelta(days=1)
    IdempotencyRecord.objects.filter(key="expired").update(expires_at=past)
    executions.release(record("released"), by=TESTER)
    runs.pause(run_id=record("in-use").holder_id, by=TESTER, key="pressed")
    stage.engine.submit("probe-nothing", key="of-execution")
    return {
        "of-execution": "in use",
        "pressed": "in use",
        "in-use": "in use",
        "released": "released",
        "expired": "expired",
        "finished": "finished",
    }
