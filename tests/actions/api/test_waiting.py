"""Waiting for an outcome: told at once, found without being told, or given up in time."""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.http import HttpResponse
from django.test import AsyncClient, override_settings

from actions import access
from actions.actors import SYSTEM
from actions.api.waiting import hub as hub_room
from actions.api.waiting.hub import hub_of_this_loop
from actions.executions.wake import DONE_CHANNEL
from actions.models import Execution
from tests.fixtures.waiting import wait_until

PATH = "/api/v1/actions/probe-echo/executions"


class Visitor:
    """Calls the API from coroutines, as a server's event loop would."""

    def __init__(self) -> None:
        _, key = access.create_key(
            name="tests",
            scopes=["actions:execute", "executions:read", "executions:write"],
            by=SYSTEM,
        )
        self.client = AsyncClient()
        self.headers = {"Authorization": f"Bearer {key}"}

    async def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return await self.client.post(
            path, body or {}, content_type="application/json", headers=self.headers | headers
        )

    async def get(self, path: str) -> HttpResponse:
        return await self.client.get(path, headers=self.headers)


@pytest.fixture
def visitor(engine) -> Visitor:
    return Visitor()


def run(story: Callable[[], Awaitable[Any]]) -> Any:
    """Run a story in an event loop of its own."""
    return asyncio.run(story())


async def in_thread(work: Callable[[], Any]) -> Any:
    """Run synchronous code where the views' own does not run."""

    def work_and_close() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    return await sync_to_async(work_and_close, thread_sensitive=False)()


async def somebody_waits() -> None:
    """Return once a request has taken its place in the hub."""
    noted = Execution.objects.filter(waited_until__isnull=False)
    await in_thread(lambda: wait_until(noted.exists))
    while not hub_of_this_loop()._waiting:
        await asyncio.wait({asyncio.ensure_future(hub_of_this_loop()._somebody_waits.wait())})


def work_off(engine) -> None:
    """Be the worker until all has ended; what a repeat has locked is passed by at first."""

    def all_has_ended() -> bool:
        engine.drain()
        return not Execution.objects.filter(finished_at=None).exists()

    wait_until(all_has_ended)


def worker(engine, *, after: Callable[[], bool] = lambda: True) -> threading.Thread:
    """A thread that works off once something is true."""

    def work() -> None:
        wait_until(after)
        work_off(engine)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_who_waits_gets_the_result_in_one_call(visitor, engine):
    async def story() -> HttpResponse:
        call = asyncio.create_task(visitor.post(PATH, {"params": {"value": 7}}, Prefer="wait=20"))
        await somebody_waits()
        await in_thread(lambda: work_off(engine))
        return await call

    answer = run(story)

    assert answer.status_code == 200
    assert answer.json()["result"] == 7
    assert answer.json()["replayed"] is False
    assert answer.headers["Preference-Applied"] == "wait=20"


def test_a_second_caller_waits_for_the_first_ones_result(visitor, engine):
    async def story() -> list[HttpResponse]:
        headers = {"Idempotency-Key": "k-1"}
        calls = [visitor.post(f"{PATH}?wait=20", **headers) for _ in range(2)]
        tasks = [asyncio.create_task(call) for call in calls]
        await somebody_waits()
        await in_thread(lambda: work_off(engine))
        return await asyncio.gather(*tasks)

    first, second = run(story)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["id"] == second.json()["id"]
    assert Execution.objects.count() == 1


def test_a_wait_that_is_over_is_answered_with_the_execution_as_it_is(visitor):
    async def story() -> HttpResponse:
        return await visitor.post(f"{PATH}?wait=1")

    began = time.monotonic()
    answer = run(story)

    assert time.monotonic() - began >= 1
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["Location"] == answer.json()["links"]["self"]


def test_respond_async_is_answered_at_once(visitor):
    async def story() -> HttpResponse:
        return await visitor.post(PATH, Prefer="respond-async")

    answer = run(story)

    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == "respond-async"
    assert Execution.objects.get().waited_until is None


@pytest.mark.parametrize("command", ["", "/cancel"])
def test_a_reader_may_wait_for_the_end_too(visitor, engine, command):
    execution = engine.submit("probe-echo", value=7)
    Execution.objects.update(status="running", worker_id=engine.worker_id)
    path = f"/api/v1/executions/{execution.shown_id}{command}?wait=20"

    def end() -> None:
        Execution.objects.update(status="queued", worker_id=None)
        work_off(engine)

    async def story() -> HttpResponse:
        call = asyncio.create_task(visitor.post(path) if command else visitor.get(path))
        await somebody_waits()
        await in_thread(end)
        return await call

    answer = run(story)

    assert (answer.status_code, answer.json()["result"]) == (200, 7)


def test_an_outcome_that_nobody_tells_of_is_found(visitor, engine, monkeypatch, caplog):
    monkeypatch.setattr(settings, "DATABASE_DIRECT_URL", "postgresql://nobody@/none?host=/none")
    monkeypatch.setattr(hub_room, "LOOK_EVERY_SECONDS", 0.05)
    caplog.set_level(logging.CRITICAL)

    async def story() -> HttpResponse:
        call = asyncio.create_task(visitor.post(f"{PATH}?wait=20", {"params": {"value": 7}}))
        await somebody_waits()
        await in_thread(lambda: work_off(engine))
        return await call

    assert run(story).json()["result"] == 7


def test_what_ended_before_the_place_was_taken_is_not_missed(visitor, engine, monkeypatch):
    async def story() -> HttpResponse:
        hub = hub_of_this_loop()
        await hub.begun()
        # Between the submission and the place in the hub, everything happens.
        taking = hub.place

        def late(execution_id):
            worker(engine).join()
            return taking(execution_id)

        monkeypatch.setattr(hub, "place", late)
        monkeypatch.setattr(hub_room, "LOOK_EVERY_SECONDS", 3600)
        return await visitor.post(f"{PATH}?wait=20", {"params": {"value": 7}})

    assert run(story).json()["result"] == 7


def test_a_notice_that_names_nothing_is_passed_by(visitor, engine, monkeypatch):
    monkeypatch.setattr(hub_room, "LOOK_EVERY_SECONDS", 3600)

    def say_nothing_then_work() -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, 'nonsense')", [DONE_CHANNEL])
        work_off(engine)

    async def story() -> HttpResponse:
        await hub_of_this_loop().begun()
        call = asyncio.create_task(visitor.post(f"{PATH}?wait=20", {"params": {"value": 7}}))
        await somebody_waits()
        await in_thread(say_nothing_then_work)
        return await call

    assert run(story).json()["result"] == 7


def test_hubs_of_loops_that_are_closed_are_forgotten(visitor):
    async def story() -> int:
        await hub_of_this_loop().begun()
        return len(hub_of_this_loop)

    assert [run(story) for _ in range(3)] == [1, 1, 1]


def test_over_the_cap_nobody_waits(visitor):
    async def story() -> HttpResponse:
        with override_settings(ACTIONSITE_WAITERS_MAX=0):
            return await visitor.post(PATH, Prefer="wait=20")

    began = time.monotonic()
    answer = run(story)

    assert time.monotonic() - began < 10
    assert answer.status_code == 202
    assert "Preference-Applied" not in answer.headers


def test_who_leaves_gives_the_place_back(visitor):
    async def story() -> int:
        call = asyncio.create_task(visitor.post(f"{PATH}?wait=20"))
        await somebody_waits()
        call.cancel()
        await asyncio.wait({call})
        return len(hub_of_this_loop()._waiting)

    assert run(story) == 0
    assert Execution.objects.get().status == "queued"


def test_without_an_event_loop_the_call_waits_as_well(api, engine):
    thread = worker(engine, after=Execution.objects.filter(waited_until__isnull=False).exists)

    answer = api.execute("probe-echo", wait=20, params={"value": 7})

    thread.join()
    assert (answer.status_code, answer.json()["result"]) == (200, 7)
