"""Concurrency: however many ask at once, one key is one execution."""

import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from conformance.api import PREFIX, Api, check_refused, executed, new_name
from do_sdk import Do

THREADS = 50
MOST_WORKERS = 64


def at_once(call: Callable[[int], httpx2.Response], *, count: int = THREADS) -> list[Any]:
    """Call so many times at the same moment; the answers."""
    ready = threading.Barrier(count)

    def begin(number: int) -> httpx2.Response:
        ready.wait(30)
        return call(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


@pytest.mark.parametrize("rounds", [1, pytest.param(20, marks=pytest.mark.long)])
def test_fifty_at_once_with_one_key_are_one_execution(api: Api, rounds: int) -> None:
    for _ in range(rounds):
        name = new_name()

        answers = at_once(partial(draw_numbered, api, name))

        assert len({executed(each)["id"] for each in answers}) == 1
        assert len({each.json()["result"]["draw"] for each in answers}) == 1
        assert api.count(**{"params.name": name}) == 1


def test_of_two_params_at_once_one_wins_and_the_others_are_refused(api: Api, name: str) -> None:
    answers = at_once(lambda number: draw(api, name, colour=("red", "blue")[number % 2]))

    statuses = Counter(each.status_code for each in answers)
    assert statuses == {200: THREADS // 2, 422: THREADS // 2}
    assert len({each.json()["id"] for each in answers if each.status_code == 200}) == 1
    assert api.count(**{"params.name": name}) == 1


def test_a_failed_key_is_retried_by_one_of_fifty(api: Api, name: str) -> None:
    """Those who come after its end retry once more: a failure, again, is what they are answered."""
    params = {"name": name, "seconds": 600.0}
    begun = api.execute("conformance-slow", params, key=name, prefer="respond-async").json()
    api.post(f"/executions/{begun['id']}/cancel?wait=20", {})

    answers = at_once(
        lambda _: api.execute(
            "conformance-slow", params, key=name, prefer="respond-async", on_failed="retry"
        )
    )

    fresh = {each.json()["id"] for each in answers}
    assert {each.status_code for each in answers} == {202}
    assert len(fresh) == 1
    assert begun["id"] not in fresh
    assert {each.json()["retry_of"] for each in answers} == {begun["id"]}
    api.post(f"/executions/{fresh.pop()}/cancel?wait=20", {})


def test_a_second_caller_waits_with_the_first_and_gets_its_result(
    api: Api, do: Do, name: str
) -> None:
    params = {"name": name, "seconds": 1.5}
    first = do.action.start("conformance-slow", params, idempotency_key=name)

    second = executed(api.execute("conformance-slow", params, key=name))

    assert second["id"] == first.id
    assert second["result"] == first.wait().unwrap()


def test_with_all_workers_busy_a_second_caller_attaches_to_what_is_queued(
    api: Api, name: str
) -> None:
    held = hold_all_workers(api)
    wish = {"name": name, "seconds": 0.0}

    prefers = ["respond-async", "respond-async", "wait=1"]
    answers = [api.execute("conformance-hold", wish, key=name, prefer=each) for each in prefers]
    for each in held:
        api.post(f"/executions/{each}/cancel", {})
    ended = executed(api.execute("conformance-hold", wish, key=name))

    assert [each.status_code for each in answers] == [202] * len(prefers)
    assert {each.json()["status"] for each in answers} == {"queued"}
    assert {each.json()["id"] for each in answers} == {ended["id"]}
    assert ended["status"] == "succeeded"
    assert api.count(**{"params.name": name}) == 1


def test_who_does_not_wait_is_told_where_it_will_be(api: Api, name: str) -> None:
    params = {"name": name, "seconds": 1.0}

    answer = api.execute("conformance-slow", params, key=name, prefer="respond-async")

    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "respond-async"
    assert answer.headers["retry-after"]
    found = api.client.get(httpx2.URL(api.base_url).join(answer.headers["location"]))
    assert found.json()["id"] == answer.json()["id"]
    assert answer.json()["idempotency"]["expires_at"] is None


def test_on_conflict_fail_is_refused_while_it_runs_and_replays_afterwards(
    api: Api, do: Do, name: str
) -> None:
    params = {"name": name, "seconds": 1.5}
    first = do.action.start("conformance-slow", params, idempotency_key=name)

    conflict = api.execute("conformance-slow", params, key=name, on_conflict="fail")
    first.wait()
    replay = executed(api.execute("conformance-slow", params, key=name, on_conflict="fail"))

    assert check_refused(conflict, 409, "execution-in-progress")["retriable"] is True
    assert conflict.headers["retry-after"]
    assert (replay["id"], replay["replayed"]) == (first.id, True)


def test_a_waiter_who_leaves_changes_nothing(api: Api, name: str) -> None:
    params = {"name": name, "seconds": 1.0}
    with pytest.raises(httpx2.ReadTimeout):
        api.client.post(
            "/actions/conformance-slow/executions?wait=20",
            json={"params": params, "idempotency_key": name},
            timeout=httpx2.Timeout(10, read=0.3),
        )

    again = executed(api.execute("conformance-slow", params, key=name))

    assert again["status"] == "succeeded"
    assert api.count(**{"params.name": name}) == 1


def test_a_line_that_is_cut_after_sending_has_one_effect(api: Api, name: str) -> None:
    cut_after_sending(api, name)

    answer = executed(draw(api, name))

    assert answer["status"] == "succeeded"
    assert api.count(**{"params.name": name}) == 1


def test_a_batch_replays_what_has_its_key_already(api: Api, name: str) -> None:
    first = executed(draw(api, name))
    other = new_name()
    wishes = [
        {
            "action": "conformance-draw",
            "params": {"name": each, "colour": "red"},
            "idempotency_key": each,
        }
        for each in (name, other)
    ]

    batch = api.post("/executions/batch", {"executions": wishes}).json()["entries"]

    assert batch[0]["execution"]["id"] == first["id"]
    assert [each["execution"]["replayed"] for each in batch] == [True, False]


def test_a_batch_with_one_key_twice_runs_nothing(api: Api, name: str) -> None:
    wish = {"action": "conformance-draw", "params": {"name": name}, "idempotency_key": name}

    check_refused(
        api.post("/executions/batch", {"executions": [wish, wish]}), 400, "malformed-request"
    )

    assert api.count(**{"params.name": name}) == 0


def hold_all_workers(api: Api) -> list[str]:
    """Keep every worker busy, however many there are; the ids of what does, the last one queued."""
    held: list[str] = []
    while len(held) < MOST_WORKERS:
        wish = {"name": new_name(), "seconds": 600.0}
        begun = api.execute("conformance-hold", wish, key=new_name(), prefer="respond-async")
        held.append(begun.json()["id"])
        # Who waits for it looks again in two seconds: time enough for a worker that is free.
        if api.get(f"/executions/{held[-1]}", wait="2").json()["status"] == "queued":
            return held
    pytest.fail(f"More than {MOST_WORKERS} executions that block a worker run at once.")


def draw_numbered(api: Api, name: str, _number: int) -> httpx2.Response:
    """One of many equal requests."""
    return draw(api, name)


def draw(api: Api, name: str, *, colour: str = "red") -> httpx2.Response:
    """One request; the name is its key."""
    return api.execute("conformance-draw", {"name": name, "colour": colour}, key=name)


def cut_after_sending(api: Api, name: str) -> None:
    """Send the request and reset the connection before the answer can come."""
    where = urlsplit(api.base_url)
    body = f'{{"params":{{"name":"{name}","colour":"red"}},"idempotency_key":"{name}"}}'
    lines = [
        f"POST {PREFIX}/actions/conformance-draw/executions HTTP/1.1",
        f"Host: {where.netloc}",
        f"Authorization: Bearer {api.key}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "",
        body,
    ]
    port = where.port or 80
    with socket.create_connection((where.hostname or "", port), timeout=10) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.sendall("\r\n".join(lines).encode())
