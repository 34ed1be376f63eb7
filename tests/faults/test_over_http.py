"""What callers of the API are told of executions whose workers died, stood still or came too late."""

import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from actions.models import Worker
from actions.promises import broken_promises
from tests.faults.test_late import stopped_below
from tests.faults.test_points import fault
from tests.fixtures.sites import Site
from tests.fixtures.waiting import wait_until
from tests.probe.models import Mark

LEASES = 3


class Held:
    """An execution under key k-1 that a worker holds in the middle of its first attempt."""

    def __init__(self, server: Site, action: str, gate: Path, **params: Any) -> None:
        self.server, self.gate = server, gate
        self.action, self.params = action, {**params, "gate": str(gate)}
        self.id = self.execute(wait=0).json()["id"]
        begun = Path(f"{gate}.begun")
        written = wait_until(
            lambda: begun.exists() and begun.read_text(), timeout=40, what="the attempt"
        )
        self.pid = int(written)

    def execute(self, *, wait: int = 20, **wishes: Any) -> Any:
        """Send the same request, once more."""
        return self.server.execute(self.action, key="k-1", wait=wait, wishes=wishes, **self.params)


def check_replay(held: Held, ended: dict[str, Any]) -> None:
    """The same request is answered from the record, and the record keeps its promises."""
    assert held.execute().json() == ended | {"replayed": True}
    assert broken_promises() == []


def test_a_transactional_action_whose_worker_was_killed_succeeds_with_one_effect(
    site, qcluster, tmp_path
):
    qcluster(workers=2)
    held = Held(site(), "probe-hold", tmp_path / "gate", name="one")

    os.kill(held.pid, signal.SIGKILL)

    ended = held.server.ended(held.id)
    assert (ended["status"], ended["attempt"], ended["result"]) == ("succeeded", 2, 2)
    assert held.server.counts(held.id, "attempt_lost") == 1
    assert Mark.objects.count() == 1
    check_replay(held, ended)


def test_an_external_action_whose_worker_was_killed_fails_with_its_outcome_unknown(
    site, qcluster, tmp_path
):
    qcluster(workers=2)
    held = Held(site(), "probe-wait-for-cancel", tmp_path / "gate")

    os.kill(held.pid, signal.SIGKILL)

    ended = held.server.ended(held.id)
    refused = held.execute(wait=0, on_failed="retry")
    told = (ended["error"]["code"], ended["error"]["outcome"], ended["attempt"])
    assert (ended["status"], *told) == ("failed", "worker_lost", "unknown", 1)
    assert (refused.status_code, refused.json()["code"]) == (409, "outcome-unknown")
    check_replay(held, ended)
    again = held.execute(wait=0, on_failed="retry", allow_unknown_outcome=True)
    assert (again.status_code, again.json()["retry_of"]) == (202, held.id)


def test_while_a_lease_is_extended_a_second_worker_does_nothing(site, qcluster, tmp_path):
    qcluster(workers=2)
    held = Held(site(), "probe-hold", tmp_path / "gate", name="one")
    holder = Worker.objects.get(pid=held.pid)
    seconds = (holder.lease_until - holder.heartbeat_at) * LEASES

    beats = Worker.objects.filter(id=holder.id, heartbeat_at__gt=holder.heartbeat_at + seconds)
    wait_until(beats.exists, what="several leases to pass")
    meanwhile = [event["type"] for event in held.server.log(held.id)]
    held.gate.touch()

    ended = held.server.ended(held.id)
    assert meanwhile == ["accepted", "queued", "attempt_started"]
    assert (ended["status"], ended["attempt"], ended["result"]) == ("succeeded", 1, 1)
    check_replay(held, ended)


def test_a_worker_that_comes_too_late_is_refused_and_recorded(site, qcluster, tmp_path):
    server, mark = site(), tmp_path / "happened"
    cluster = qcluster(workers=2, env=fault("body.after", "stop", nth=1, mark=mark))
    params = {"name": "one", "ledger": str(tmp_path / "ledger")}
    accepted = server.execute("probe-post", key="k-1", wait=0, **params).json()
    late = wait_until(lambda: stopped_below(cluster), timeout=40, what="who stands still")[0]
    ended = server.ended(accepted["id"])

    late.send_signal(signal.SIGCONT)

    wait_until(lambda: not psutil.pid_exists(late.pid), what="the leaving of who is late")
    refused = [e for e in server.log(ended["id"]) if e["type"] == "stale_result_refused"]
    assert (ended["status"], ended["attempt"]) == ("succeeded", 2)
    assert [(one["data"]["attempt"], one["data"]["outcome"]) for one in refused] == [
        (1, "succeeded")
    ]
    assert server.execute("probe-post", key="k-1", **params).json() == ended | {"replayed": True}
    assert broken_promises() == []


def test_an_action_that_kills_three_workers_is_a_crash_loop(site, qcluster, tmp_path):
    server, note = site(), tmp_path / "note"
    qcluster(workers=1)
    params = {"poison": "segfault", "note": str(note)}
    accepted = server.execute("poison-outside", key="k-1", wait=0, **params).json()

    ended = server.ended(accepted["id"], timeout=60)

    assert (ended["status"], ended["error"]["code"]) == ("failed", "crash_loop")
    assert (ended["attempt"], ended["max_attempts"]) == (3, 5)
    assert server.counts(ended["id"], "attempt_lost") == 3
    assert server.execute("poison-outside", key="k-1", **params).json()["id"] == ended["id"]
    assert len(Path(f"{note}.starts").read_text().split()) == 3


@pytest.mark.parametrize("deed", ["kill", pytest.param("stop", marks=pytest.mark.long)])
def test_of_two_who_reap_the_same_worker_one_writes_one_event(site, qcluster, tmp_path, deed):
    mark = tmp_path / "happened"
    cluster = qcluster(workers=3, env=fault("reap.before-commit", deed, nth=1, mark=mark))
    held = Held(site(), "probe-hold", tmp_path / "gate", name="one")
    alive = Worker.objects.filter(state="alive")
    wait_until(lambda: alive.count() == 3, what="three workers")

    os.kill(held.pid, signal.SIGKILL)
    wait_until(mark.exists, what="the first reaper")
    ended = held.server.ended(held.id)
    for still in stopped_below(cluster):
        still.send_signal(signal.SIGCONT)
    wait_until(lambda: alive.count() == 3, what="three workers again")

    assert (ended["status"], ended["attempt"]) == ("succeeded", 2)
    assert held.server.counts(held.id, "attempt_lost") == 1
    check_replay(held, ended)
