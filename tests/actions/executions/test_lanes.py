"""What waits follows an action that has become a coroutine, or ceased to be one."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from actions import definitions, registry
from actions.context import Context
from actions.executions import lanes
from actions.executions.waiting import why_waiting
from actions.models import Action, Execution, Worker
from actions.promises import PROMISES, broken_promises
from tests.fixtures.engine import Engine

SHAPES = ["def", "async def"]


def plain(ctx: Context) -> str:
    """Say how it was called."""
    return "def"


async def coroutine(ctx: Context) -> str:
    """Say how it was called."""
    return "async def"


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    with registry.isolated():
        yield


def declare(shape: str) -> None:
    """Make the code what it is after a deploy, without a sync."""
    function = coroutine if shape == "async def" else plain
    registry._specs.pop("probe-shape", None)
    registry.action("probe-shape", effect="none", retry={"delay_seconds": 0})(function)


def deploy(shape: str) -> Engine:
    """Bring the code of that shape to the catalogue, and start a worker that has it."""
    declare(shape)
    definitions.sync()
    Worker.objects.update(lease_until=Now() - timedelta(hours=1))
    return Engine()


def other(shape: str) -> str:
    return next(one for one in SHAPES if one != shape)


def result_of(execution: Execution) -> object:
    execution.refresh_from_db()
    return execution.result


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_queued_runs_in_the_other_lane_after_a_sync(engine, shape):
    deploy(other(shape))
    queued = engine.submit("probe-shape")
    blocked = engine.submit("probe-shape")
    later = engine.submit("probe-shape")
    Execution.objects.filter(id=blocked.id).update(blocked_on="nothing")
    Execution.objects.filter(id=later.id).update(run_at=Now() + timedelta(hours=1))

    worker = deploy(shape)

    worker.drain()
    assert result_of(queued) == shape
    Execution.objects.update(blocked_on="", run_at=Now())
    worker.drain()
    assert (result_of(blocked), result_of(later)) == (shape, shape)
    assert broken_promises() == []


@pytest.mark.parametrize("shape", SHAPES)
def test_what_comes_into_the_old_lane_after_the_sync_is_moved_by_a_look(engine, shape):
    deploy(other(shape))
    worker = deploy(shape)
    execution = engine.submit("probe-shape")
    Execution.objects.update(is_concurrent=shape == "def")
    assert worker.drain() == 0

    assert lanes.follow() == 1

    assert lanes.follow() == 0
    worker.drain()
    assert result_of(execution) == shape


def test_a_function_that_is_only_wrapped_anew_is_another_version(engine):
    deploy("def")
    Action.objects.get(name="probe-shape").versions.update(is_concurrent=True)

    assert definitions.sync().changed == ["probe-shape"]


def test_what_is_made_of_data_and_what_others_run_stay_where_they_are(engine):
    deploy("def")
    deploy("async def")
    engine.submit("probe-nothing")
    engine.submit("probe-fetch", word="a")
    declarative = engine.submit("probe-shape")
    Execution.objects.filter(id=declarative.id).update(is_declared=True, is_concurrent=False)

    assert lanes.follow() == 0


def test_why_it_waits_until_it_is_moved_is_said(engine):
    deploy("def")
    deploy("async def")
    execution = engine.submit("probe-shape")
    Execution.objects.update(is_concurrent=False)

    found = why_waiting(Execution.objects.get(id=execution.id))

    assert (found.reason, found.needs_help) == ("shape", False)
    assert found.sentence == (
        "probe-shape has become a coroutine since it was accepted; a worker moves it to where "
        "those wait, in a moment."
    )


def test_workers_whose_code_has_another_shape_than_the_catalogue_are_named(engine):
    deploy("def")
    deploy("async def")
    declare("def")
    Worker.objects.update(lease_until=Now() - timedelta(hours=1))
    Engine()
    execution = engine.submit("probe-shape")

    found = why_waiting(Execution.objects.get(id=execution.id))

    assert (found.reason, found.needs_help) == ("shape", True)
    assert found.sentence == (
        "probe-shape is a coroutine by the catalogue, and a plain function in every living "
        "worker. Start workers with the code that the catalogue was made from, or run "
        "manage.py sync_actions with theirs."
    )


def test_a_worker_of_a_build_that_did_not_say_is_given_the_benefit_of_the_doubt(engine):
    deploy("async def")
    execution = engine.submit("probe-shape")
    Worker.objects.update(coroutines=None)

    assert why_waiting(Execution.objects.get(id=execution.id)).reason == "turn"


def test_what_is_left_in_the_wrong_lane_for_longer_than_a_lease_is_a_finding(engine):
    deploy("def")
    deploy("async def")
    execution = engine.submit("probe-shape")
    Execution.objects.filter(id=execution.id).update(is_concurrent=False)
    sentence = next(one.sentence for one in PROMISES if one.name == "lanes-are-right")
    assert sentence not in {one.promise for one in broken_promises()}

    Worker.objects.update(started_at=Now() - timedelta(hours=1))
    Execution.objects.filter(id=execution.id).update(
        queued_at=Now() - timedelta(hours=1), run_at=Now() - timedelta(hours=1)
    )
    Action.objects.get(name="probe-shape").versions.update(created_at=Now() - timedelta(hours=1))

    assert sentence in {one.promise for one in broken_promises()}
