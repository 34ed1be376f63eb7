"""The contract between real processes: two web servers, a cluster of workers, one database."""

import http.client
import json
import socket
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2
import psutil
import psycopg
import pytest
from django.utils import timezone

from actions.models import Execution, IdempotencyRecord, Worker
from tests.fixtures.sites import Site
from tests.probe.models import Mark

WAITERS = 20


def test_one_key_twice_is_one_execution_marked_as_a_replay(site, qcluster):
    here, there = site(), site()
    qcluster(workers=1)

    first = here.execute("probe-mark", key="k-1", name="one")
    again = there.execute("probe-mark", key="k-1", name="one")

    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.json()["replayed"], again.json()["replayed"]) == (False, True)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json() | {"replayed": True}
    assert first.headers["Idempotency-Expires"] == again.headers["Idempotency-Expires"]
    assert (Execution.objects.count(), Mark.objects.count()) == (1, 1)


def test_fifty_at_once_with_one_key_over_two_servers_have_one_effect(site, qcluster):
    sites = [site(), site()]
    qcluster(workers=2)

    answers = at_once(50, lambda n: sites[n % 2].execute("probe-mark", key="k-1", name="one"))

    assert Counter(answer.status_code for answer in answers) == {200: 50}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert {str(answer.json()["result"]) for answer in answers} == {"{'name': 'one'}"}
    assert (Execution.objects.count(), Mark.objects.count()) == (1, 1)


def test_of_two_requests_at_once_with_one_key_one_wins(site, qcluster):
    sites = [site(), site()]
    qcluster(workers=1)

    answers = at_once(
        30, lambda n: sites[n % 2].execute("probe-mark", key="k-1", name=str(n // 2 % 2))
    )

    assert Counter(answer.status_code for answer in answers) in (
        {200: 16, 422: 14},
        {200: 14, 422: 16},
    )
    codes = {answer.json().get("code") for answer in answers}
    assert codes == {None, "idempotency-key-reused"}
    assert (Execution.objects.count(), Mark.objects.count()) == (1, 1)


@pytest.mark.parametrize("before", ["it has expired", "it has failed"])
def test_of_many_at_once_with_an_old_key_one_executes_anew(engine, site, before):
    name = "probe-decline" if before == "it has failed" else "probe-nothing"
    old = engine.submit(name, key="k-1")
    engine.drain()
    if before == "it has expired":
        IdempotencyRecord.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    sites = [site(), site()]

    answers = at_once(
        50,
        lambda n: sites[n % 2].execute(name, key="k-1", wait=0, wishes={"on_failed": "retry"}),
    )

    assert Counter(answer.status_code for answer in answers) == {202: 50}
    assert len({answer.json()["id"] for answer in answers} - {old.shown_id}) == 1
    assert {answer.json()["idempotency"]["generation"] for answer in answers} == {2}
    assert Execution.objects.count() == 2


def test_waiting_callers_hold_neither_threads_nor_connections(site, cloned_database, wait_until):
    server = site()
    server.execute("probe-nothing", wait=0)
    idle = threads_of(server)

    with ThreadPoolExecutor(WAITERS) as pool:
        calls = [pool.submit(server.execute, "probe-nothing", wait=6) for _ in range(WAITERS)]
        waiting = Execution.objects.filter(waited_until__isnull=False)
        wait_until(lambda: waiting.count() == WAITERS, what="all to wait")
        wait_until(lambda: threads_of(server) < idle + WAITERS, what="the threads to end")
        with psycopg.connect(cloned_database) as watch:
            busy = watch.execute(BUSY_CONNECTIONS).fetchone()
        answers = [call.result() for call in calls]

    assert busy[0] < WAITERS / 2
    assert Counter(answer.status_code for answer in answers) == {202: WAITERS}


def test_a_caller_who_hangs_up_changes_nothing(site, qcluster, wait_until):
    server = site()
    execution = Execution.objects.filter(idempotency_key="k-1")

    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port)) as line:
        line.sendall(raw_post(server, key="k-1"))
        wait_until(execution.exists, what="the execution")
    qcluster(workers=1)

    wait_until(lambda: execution.filter(status="succeeded").exists(), what="its end")
    assert server.execute("probe-mark", key="k-1", name="one").json()["replayed"] is True
    assert Mark.objects.count() == 1


def test_a_body_in_chunks_is_read_and_bounded(site):
    server = site(ACTIONSITE_MAX_BODY_BYTES="2048")

    answers = [post_in_chunks(server, size=size) for size in (1000, 3000)]

    assert [status for status, _ in answers] == [202, 413]
    assert answers[1][1]["code"] == "payload-too-large"
    assert Execution.objects.count() == 1


def test_a_server_without_a_direct_connection_still_answers(site, qcluster, wait_until):
    server = site(DATABASE_DIRECT_URL="postgresql://nobody@/none?host=/none")
    qcluster(workers=1)
    wait_until(Worker.objects.within_lease().exists, what="a worker")

    answer = server.execute("probe-mark", name="one")

    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")


BUSY_CONNECTIONS = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"""


def at_once(count: int, call: Callable[[int], httpx2.Response]) -> list[httpx2.Response]:
    """Make so many calls from as many threads."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))


def threads_of(server: Site) -> int:
    """How many threads the server's process has."""
    port = urlsplit(server.url).port
    command = ["--port", str(port)]
    return next(
        child.num_threads()
        for child in psutil.Process().children(recursive=True)
        if command == child.cmdline()[4:6]
    )


def raw_post(server: Site, *, key: str) -> bytes:
    """The bytes of a request that waits."""
    body = json.dumps({"params": {"name": "one"}})
    fields = {
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "Content-Length": len(body),
        "Idempotency-Key": key,
        "Prefer": "wait=20",
        **server.headers,
    }
    lines = [f"{name}: {value}" for name, value in fields.items()]
    head = ["POST /api/v1/actions/probe-mark/executions HTTP/1.1", *lines, "", body]
    return "\r\n".join(head).encode()


def post_in_chunks(server: Site, *, size: int) -> tuple[int, dict[str, Any]]:
    """POST a body whose length is not told."""
    body = json.dumps({"params": {"value": "x" * size}}).encode()
    line = http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port, timeout=20)
    line.request(
        "POST",
        "/api/v1/actions/probe-echo/executions?wait=0",
        body=iter([body[:500], body[500:]]),
        headers={"Content-Type": "application/json", **server.headers},
        encode_chunked=True,
    )
    answer = line.getresponse()
    told = answer.status, json.loads(answer.read())
    line.close()
    return told
