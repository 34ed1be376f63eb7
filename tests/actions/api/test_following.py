"""Following the log of an execution as a stream."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient

from actions import access, vault
from actions.actors import SYSTEM
from actions.api.following import view as stream
from actions.api.following.hub import Hub, News, hub_of_this_loop
from actions.models import Execution, ExecutionEvent
from tests.fixtures.engine import TESTER
from tests.fixtures.waiting import wait_until

STREAM = {"Accept": "text/event-stream"}


class Reader:
    """Follows logs with an API key of its own."""

    def __init__(self, *patterns: str) -> None:
        _, key = access.create_key(
            name="tests", scopes=["executions:read"], patterns=patterns, by=SYSTEM
        )
        self.client = AsyncClient()
        self.headers = {"Authorization": f"Bearer {key}"}

    async def follow(self, execution: Execution, **headers: str) -> Any:
        path = f"/api/v1/executions/{execution.shown_id}/events"
        sent = self.headers | STREAM | {name.replace("_", "-"): v for name, v in headers.items()}
        return await self.client.get(path, headers=sent)


@pytest.fixture
def reader(engine) -> Reader:
    return Reader()


async def messages(answer: Any) -> AsyncIterator[dict[str, str]]:
    """The messages of a stream, each with its fields."""
    text = ""
    async for piece in answer.streaming_content:
        text += piece.decode()
        while "\n\n" in text:
            message, text = text.split("\n\n", 1)
            yield dict(line.split(": ", 1) for line in message.split("\n"))


async def all_of(answer: Any) -> list[dict[str, str]]:
    return [each async for each in messages(answer)]


def types(found: list[dict[str, str]]) -> list[str]:
    return [each["event"] for each in found if "event" in each]


async def in_thread(work: Callable[[], Any]) -> Any:
    def work_and_close() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    return await sync_to_async(work_and_close, thread_sensitive=False)()


def work_off(engine) -> None:
    def all_has_ended() -> bool:
        engine.drain()
        return not Execution.objects.filter(finished_at=None).exists()

    wait_until(all_has_ended)


def run(story: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(asyncio.wait_for(story(), timeout=60))


def test_a_stream_tells_what_has_happened_and_then_what_happens(reader, engine):
    execution = engine.submit("probe-echo", value=7)

    async def story() -> list[dict[str, str]]:
        found = []
        async for each in messages(await reader.follow(execution)):
            found.append(each)
            if each.get("event") == "queued":
                await in_thread(lambda: work_off(engine))
        return found

    found = run(story)

    assert types(found) == ["accepted", "queued", "attempt_started", "succeeded", "end"]
    assert [each["id"] for each in found if "id" in each] == ["1", "2", "3", "4"]
    assert json.loads(found[1]["data"])["type"] == "accepted"


def test_what_has_ended_is_told_and_the_stream_ends(reader, engine):
    execution = engine.run("probe-echo", value=7)

    found = run(lambda: _followed(reader, execution))

    assert types(found)[-2:] == ["succeeded", "end"]


async def _followed(reader: Reader, execution: Execution, **headers: str) -> list[dict[str, str]]:
    return await all_of(await reader.follow(execution, **headers))


def test_who_lost_the_connection_goes_on_where_it_was(reader, engine):
    execution = engine.run("probe-echo", value=7)

    found = run(lambda: _followed(reader, execution, Last_Event_ID="3"))

    assert types(found) == ["succeeded", "end"]


def test_followers_of_one_execution_are_each_told_everything(reader, engine):
    execution = engine.submit("probe-echo", value=7)

    async def story() -> list[list[dict[str, str]]]:
        follow = [asyncio.create_task(_followed(reader, execution)) for _ in range(5)]
        hub = hub_of_this_loop()
        while len(hub._followers) < 5:
            await asyncio.wait(follow, timeout=0.05)
        await in_thread(lambda: work_off(engine))
        return await asyncio.gather(*follow)

    assert {tuple(types(found)) for found in run(story)} == {
        ("accepted", "queued", "attempt_started", "succeeded", "end")
    }


def test_who_joins_after_a_look_is_not_given_what_it_found_for_others(engine):
    execution = engine.run("probe-echo", value=7)
    last = list(ExecutionEvent.objects.of(execution.id))[-1]

    async def story() -> list[int]:
        hub = Hub()
        with hub.place(execution.id, after=last.seq - 1) as early:
            seen = hub._seen()
            with hub.place(execution.id, after=0) as late:
                hub._give(News(seen=seen, events=[last], ended={execution.id: last.seq}))
                assert ([each.seq for each in early.take()], early.is_over) == ([last.seq], True)
                assert (late.take(), late.is_over) == ([], False)
                await late.has_news.wait()
                return [each.seq for each in late.take()]

    assert run(story) == [1, 2, 3, 4]


def test_a_stream_that_is_silent_says_that_it_is_there_and_ends_in_time(
    reader, engine, monkeypatch
):
    monkeypatch.setattr(stream, "SILENCE_SECONDS", 0.1)
    monkeypatch.setattr(stream, "LONGEST_SECONDS", 1.5)
    execution = engine.submit("probe-echo", value=7)

    async def story() -> list[bytes]:
        answer = await reader.follow(execution)
        return [piece async for piece in answer.streaming_content]

    pieces = run(story)

    assert b": still here\n\n" in pieces
    assert b"event: end" not in b"".join(pieces)


def test_a_secret_is_in_no_stream(reader, engine):
    vault.set_secret("probe-password", "canary-2c9f", by=TESTER)
    execution = engine.run("probe-secret")

    found = run(lambda: _followed(reader, execution))

    assert "canary-2c9f" not in json.dumps(found)


def test_a_stream_has_the_headers_of_an_answer(reader, engine):
    execution = engine.run("probe-echo", value=7)

    async def story() -> Any:
        answer = await reader.follow(execution)
        await all_of(answer)
        return answer

    answer = run(story)

    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize("weight", ["0", "0.0", "0.000"])
def test_whoever_takes_no_stream_is_given_a_page(api, engine, weight):
    execution = engine.run("probe-echo", value=7)
    accept = {"Accept": f"text/event-stream;q={weight}, application/json"}

    answer = api.get(f"/executions/{execution.shown_id}/events", headers=accept)

    assert answer.json()["object"] == "list"


@pytest.mark.parametrize(("sent", "status"), [("-1", 400), ("one", 400), ("9" * 12, 400)])
def test_a_number_that_is_none_is_refused(reader, engine, sent, status):
    execution = engine.submit("probe-echo", value=7)

    answer = run(lambda: reader.follow(execution, Last_Event_ID=sent))

    assert (answer.status_code, answer.headers["Content-Type"]) == (
        status,
        "application/problem+json",
    )


def test_a_log_outside_the_patterns_cannot_be_followed(engine):
    execution = engine.submit("probe-echo", value=7)

    answer = run(lambda: Reader("other-*").follow(execution))

    assert answer.status_code == 404


def test_over_the_cap_nobody_follows(reader, engine, settings):
    settings.ACTIONSITE_STREAMS_MAX = 0
    execution = engine.submit("probe-echo", value=7)

    answer = run(lambda: reader.follow(execution))

    assert answer.status_code == 503
    assert json.loads(answer.content)["code"] == "not-accepting"
