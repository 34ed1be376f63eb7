"""A thousand calls at once through one AsyncDo: bounded, nothing lost, nothing left behind."""

import asyncio
from collections import Counter

import psutil
import pytest

import do_sdk
from actions.models import Execution
from tests.fixtures.waiting import wait_until
from tests.probe.models import Mark
from workflows.models import Run

HOLDERS = {"action": Execution, "workflow": Run}
CONNECTIONS = 40
# A machine that does much else at the same time takes its time.
PATIENCE_SECONDS = 200


def open_lines(port: int) -> int:
    """How many connections of this process lead to that port, from its own side."""
    lines = psutil.Process().net_connections(kind="tcp")
    return sum(line.raddr.port == port for line in lines if line.raddr)


async def call_all(service, name: str, *, of: str, count: int) -> list[do_sdk.Record]:
    """Each key is used by two calls; after the last answer no task is left."""
    async with do_sdk.AsyncDo(
        service.key,
        base_url=service.proxy.url,
        timeout=PATIENCE_SECONDS,
        max_connections=CONNECTIONS,
    ) as do:
        calls = [
            getattr(do, of).execute(
                "probe-mark",
                {"name": f"{name} {number // 2}"},
                idempotency_key=f"{name}-{number // 2}",
            )
            for number in range(count)
        ]
        outcomes = await asyncio.gather(*calls)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return outcomes


@pytest.mark.timeout(240)
@pytest.mark.parametrize("count", [200, pytest.param(1_000, marks=pytest.mark.long)])
def test_many_calls_at_once_have_one_effect_a_key_and_leave_nothing(
    service, proxy, name, of, count
):
    # Lines of an earlier test may still be on their way out.
    wait_until(lambda: proxy.open_count == 0, what="the end of every line")

    outcomes = asyncio.run(call_all(service, name, of=of, count=count))

    assert all(outcome.ok for outcome in outcomes)
    assert set(Counter(outcome.id for outcome in outcomes).values()) == {2}
    assert set(Counter(outcome.key for outcome in outcomes).values()) == {2}
    assert HOLDERS[of].objects.filter(idempotency_key__startswith=name).count() == count // 2
    assert Mark.objects.filter(name__startswith=name).count() == count // 2
    assert proxy.most_open <= CONNECTIONS
    assert open_lines(proxy.port) == 0


async def give_up_on_all(url: str, key: str) -> int:
    """Cancel calls that wait; returns how many others are answered afterwards."""
    async with do_sdk.AsyncDo(key, base_url=url, max_connections=CONNECTIONS) as do:
        waiting = [
            asyncio.create_task(do.action.execute("probe-nap", {"seconds": 2}))
            for _ in range(CONNECTIONS)
        ]
        await asyncio.wait(waiting, timeout=1)
        for task in waiting:
            task.cancel()
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in ended)
        # The pool has room again: as many calls as it has places, and one more.
        outcomes = await asyncio.gather(
            *(do.action.execute("probe-echo") for _ in range(CONNECTIONS + 1))
        )
        return sum(outcome.ok for outcome in outcomes)


def test_calls_that_are_given_up_leave_the_pool_as_it_was(service, proxy):
    answered = asyncio.run(give_up_on_all(proxy.url, service.key))

    assert answered == CONNECTIONS + 1
    assert open_lines(proxy.port) == 0
    wait_until(lambda: proxy.open_count == 0, what="the end of every line")


async def stop_following(url: str, key: str, gate: str) -> None:
    """Leave a stream in its middle, then end what it followed."""
    async with do_sdk.AsyncDo(key, base_url=url, max_connections=1) as do:
        handle = await do.action.start("probe-wait-for-cancel", {"gate": gate})
        events = handle.events()
        async for event in events:
            assert event.type == "accepted"
            break
        await events.aclose()
        # There is one connection, and the stream does not hold it any more.
        await handle.cancel()


@pytest.mark.timeout(60)
def test_a_stream_that_is_left_gives_its_connection_back(service, proxy, tmp_path):
    asyncio.run(stop_following(proxy.url, service.key, str(tmp_path / "gate")))

    assert open_lines(proxy.port) == 0
