"""Waiting for the end of a run: told at once by whoever ends it, or given up in time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import AsyncClient, override_settings

from actions import access
from actions.actors import SYSTEM
from actions.api.waiting import hub as hub_room
from actions.api.waiting.hub import hub_of_this_loop
from tests.actions.api.test_waiting import in_thread
from tests.fixtures.engine import TESTER
from tests.fixtures.waiting import wait_until
from workflows import runs
from workflows.models import Run

START = "/api/v1/workflows/under-test/runs"


@pytest.fixture
def headers(engine) -> dict[str, str]:
    """Who may run workflows."""
    key = access.create_key(name="tests", scopes=["runs:read", "runs:write"], by=SYSTEM)[1]
    return {"Authorization": f"Bearer {key}"}


async def in_place() -> None:
    """Return once a request has taken its place in the hub."""
    noted = Run.objects.filter(waited_until__isnull=False)
    await in_thread(lambda: wait_until(noted.exists))
    while not hub_of_this_loop()._waiting:
        await asyncio.wait({asyncio.ensure_future(hub_of_this_loop()._somebody_waits.wait())})


def told(
    call: Callable[[AsyncClient], Awaitable[HttpResponse]], *, end: Callable[[], Any]
) -> HttpResponse:
    """What a call that waits is answered once the run has been ended."""

    async def story() -> HttpResponse:
        await hub_of_this_loop().begun()
        waiting = asyncio.create_task(call(AsyncClient()))
        await in_place()
        await in_thread(end)
        return await waiting

    return asyncio.run(story())


@pytest.fixture(autouse=True)
def nobody_looks(monkeypatch) -> None:
    """Only a notification can end a wait before its time."""
    monkeypatch.setattr(hub_room, "LOOK_EVERY_SECONDS", 3600)


def test_who_starts_a_run_waits_for_its_result(stage, echo, headers):
    stage.publish({"one": echo(7), "two": echo(8, "one")}, result="${{ steps.two.result }}")

    answer = told(
        lambda client: client.post(
            START, {}, content_type="application/json", headers=headers | {"Prefer": "wait=20"}
        ),
        end=stage.engine.drain,
    )

    assert (answer.status_code, answer.json()["result"]) == (200, 8)
    assert answer.headers["Preference-Applied"] == "wait=20"


@pytest.mark.parametrize("end", ["answer", "cancel"])
def test_a_reader_waits_until_somebody_ends_the_run(stage, headers, end):
    run = stage.start({"ask": {"approval": {"message": "May I?"}}})
    ends = {
        "answer": lambda: runs.answer(run_id=run.id, step="ask", decision="approved", by=TESTER),
        "cancel": lambda: runs.cancel(run_id=run.id, by=TESTER),
    }

    answer = told(
        lambda client: client.get(f"/api/v1/runs/{run.shown_id}?wait=20", headers=headers),
        end=ends[end],
    )

    assert answer.json()["status"] == {"answer": "succeeded", "cancel": "cancelled"}[end]


def test_a_run_that_nobody_tells_of_is_found(stage, echo, headers, monkeypatch):
    monkeypatch.setattr(hub_room, "LOOK_EVERY_SECONDS", 0.05)
    stage.publish({"one": echo(7)})

    def end_untold() -> None:
        Run.objects.update(waited_until=None)
        stage.engine.drain()

    answer = told(
        lambda client: client.post(
            f"{START}?wait=20", {}, content_type="application/json", headers=headers
        ),
        end=end_untold,
    )

    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")


def test_a_wait_that_is_over_is_answered_with_the_run_as_it_is(stage, echo, headers):
    stage.publish({"one": echo(7)})

    async def story() -> HttpResponse:
        return await AsyncClient().post(
            f"{START}?wait=1", {}, content_type="application/json", headers=headers
        )

    with override_settings(ACTIONSITE_WAIT_MAX_SECONDS=1):
        answer = asyncio.run(story())

    assert (answer.status_code, answer.json()["status"]) == (202, "running")
    assert answer.headers["Retry-After"] == "1"


def test_nobody_is_told_while_nobody_waits(stage, echo):
    with connections["default"].cursor() as cursor:
        cursor.execute("LISTEN actionsite_done")

    stage.start({"one": echo(7)})

    connection = connections["default"].connection
    assert list(connection.notifies(timeout=0)) == []
