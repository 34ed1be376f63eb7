"""Callers who meet at one key, between real processes."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psutil
import psycopg
import pytest

from actions.models import Execution
from actions.promises import broken_promises
from tests.probe.models import Mark

REPEATS = 10
STANDS_STILL = {"ENGINE_FAULT": "submit.before-commit:stop:1", "ACTIONSITE_ALLOW_FAULTS": "1"}
WAITING_FOR_A_LOCK = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'"""


def has_stopped(process_id: int) -> bool:
    return psutil.Process(process_id).status() == psutil.STATUS_STOPPED


def test_when_the_winner_of_a_key_dies_before_its_commit_one_who_waits_becomes_the_owner(
    site, cloned_database, wait_until
):
    winner, other = site(**STANDS_STILL), site()

    def execute(server):
        return server.execute("probe-mark", key="k-1", wait=0, name="one")

    with psycopg.connect(cloned_database, autocommit=True) as watch, ThreadPoolExecutor() as pool:
        lost = pool.submit(execute, winner)
        wait_until(lambda: has_stopped(winner.running.pid), what="the winner to stand still")
        calls = [pool.submit(execute, other) for _ in range(REPEATS)]
        wait_until(lambda: watch.execute(WAITING_FOR_A_LOCK).fetchone()[0] > 1, what="the losers")
        winner.running.kill()
        answers = [call.result() for call in calls]

    with pytest.raises(httpx2.TransportError):
        lost.result()
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert {answer.json()["idempotency"]["generation"] for answer in answers} == {1}
    assert Execution.objects.count() == 1
    assert broken_promises() == []


def test_while_all_workers_are_busy_a_repeat_attaches_to_what_is_queued(
    site, qcluster, wait_until, tmp_path
):
    gate, server = tmp_path / "gate", site()
    qcluster(workers=1)
    server.execute("probe-hold", wait=0, name="busy", gate=str(gate))
    wait_until(Path(f"{gate}.begun").exists, timeout=40, what="the worker to be busy")

    first = server.execute("probe-mark", key="k-1", wait=0, name="one").json()
    again = server.execute("probe-mark", key="k-1", wait=1, name="one").json()
    gate.touch()
    ended = server.execute("probe-mark", key="k-1", name="one").json()

    assert {one["id"] for one in (first, again, ended)} == {first["id"]}
    assert [one["status"] for one in (first, again, ended)] == ["queued", "queued", "succeeded"]
    assert Execution.objects.filter(action_name="probe-mark").count() == 1
    assert Mark.objects.filter(name="one").count() == 1


@pytest.mark.parametrize("place", ["header", "body"])
def test_a_key_of_a_megabyte_is_refused(site, place):
    key = "k" * 1_000_000
    headers = {"Idempotency-Key": key} if place == "header" else {}
    body = {"idempotency_key": key} if place == "body" else {}

    status = posted(site(), headers=headers, body=json.dumps(body).encode())

    assert 400 <= status < 500
    assert not Execution.objects.exists()


def test_fifty_megabytes_are_refused(site):
    body = b'{"params": {"value": "' + b"x" * 50_000_000 + b'"}}'

    status = posted(site(), headers={}, body=body)

    assert status == 413
    assert not Execution.objects.exists()


def posted(server, *, headers: dict[str, str], body: bytes) -> int:
    """POST as a client that sends all of it, whatever it is told meanwhile."""
    line = http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port, timeout=20)
    ours = {"Content-Type": "application/json", **server.headers, **headers}
    line.request("POST", "/api/v1/actions/probe-echo/executions?wait=0", body=body, headers=ours)
    status = line.getresponse().status
    line.close()
    return status
