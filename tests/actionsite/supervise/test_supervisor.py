"""Real processes under supervision: restarted, given up, and ended in order."""

import os
import signal
import sys
import threading

import pytest

from actionsite.supervise.child import program
from actionsite.supervise.signals import Signals
from actionsite.supervise.supervisor import Hopeless, Supervisor
from tests.fixtures.waiting import wait_until

# Says that it runs, waits for a signal, says that it leaves.
OBEDIENT = """
import signal, sys, pathlib
def leave(*_):
    with open(sys.argv[1], "a") as diary: diary.write(f"{sys.argv[2]} leaves\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
with open(sys.argv[1], "a") as diary: diary.write(f"{sys.argv[2]} runs\\n")
while True: signal.pause()
"""
STUBBORN = """
import signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with open(sys.argv[1], "a") as diary: diary.write(f"{sys.argv[2]} runs\\n")
while True: signal.pause()
"""


@pytest.fixture
def stage(tmp_path):
    """What the supervisor is made of, with a diary that the children write."""
    return Stage(tmp_path)


class Stage:
    def __init__(self, directory):
        self.directory = directory
        self.diary = directory / "diary"
        self.said = []

    def lines(self):
        return self.diary.read_text().splitlines() if self.diary.exists() else []

    def child(self, name, code=OBEDIENT, **given):
        command = [sys.executable, "-c", code, str(self.diary), name]
        log = self.directory / f"{name}.log"
        return program(command, name=name, environment={}, log=log, **given)

    def supervisor(self, signals, *ranks, grace=10.0):
        return Supervisor(ranks=ranks, grace=grace, say=self.said.append, signals=signals)

    def tell_to_stop(self, after):
        """Send ourselves a signal once the diary satisfies the condition."""

        def wait():
            wait_until(lambda: after(self.lines()))
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=wait).start()


def test_all_are_started_and_ended_the_last_rank_first(stage):
    with Signals() as signals:
        supervisor = stage.supervisor(signals, [stage.child("first")], [stage.child("last")])
        stage.tell_to_stop(after=lambda lines: len(lines) == 2)

        supervisor.start()
        supervisor.watch(is_ready=lambda: False, when_ready=lambda: None)
        supervisor.stop()

    assert stage.lines()[2:] == ["last leaves", "first leaves"]
    assert [child.popen.returncode for child in supervisor.children] == [0, 0]


def test_a_killed_child_is_started_again(stage):
    child = stage.child("victim")
    killed = []

    def kill_once() -> bool:
        if stage.lines() == ["victim runs"] and not killed:
            killed.append(child.popen.pid)
            child.popen.kill()
        return False

    with Signals() as signals:
        supervisor = stage.supervisor(signals, [child])
        stage.tell_to_stop(after=lambda lines: lines == ["victim runs"] * 2)
        supervisor.start()
        supervisor.watch(is_ready=kill_once, when_ready=lambda: None)
        supervisor.stop()

    assert stage.said[0].startswith("victim was ended by SIGKILL.")
    assert stage.said[1] == "victim starts again in 0.25 s."


def test_what_dies_too_often_stops_the_whole(stage, monkeypatch):
    monkeypatch.setattr("actionsite.supervise.child.BACKOFF_FIRST_SECONDS", 0.001)
    child = stage.child("broken", "raise SystemExit('no such thing')")

    with Signals() as signals:
        supervisor = stage.supervisor(signals, [stage.child("healthy")], [child])
        supervisor.start()
        with pytest.raises(Hopeless, match="broken died 6 times within a minute"):
            supervisor.watch(is_ready=lambda: False, when_ready=lambda: None)
        supervisor.stop()

    assert "no such thing" in stage.said[0]
    assert not any(one.is_running for one in supervisor.children)


def test_who_does_not_leave_in_time_is_killed(stage):
    with Signals() as signals:
        supervisor = stage.supervisor(signals, [stage.child("mule", STUBBORN)], grace=0.2)
        stage.tell_to_stop(after=lambda lines: lines == ["mule runs"])

        supervisor.start()
        supervisor.watch(is_ready=lambda: False, when_ready=lambda: None)
        supervisor.stop()

    assert stage.said == ["mule did not leave in time and is killed."]
    assert supervisor.children[0].popen.returncode == -signal.SIGKILL


def test_what_runs_once_waits_for_the_others_and_is_not_repeated(stage):
    once = stage.child(
        "story",
        "import sys; open(sys.argv[1], 'a').write('story told\\n')",
        starts_late=True,
        runs_once=True,
    )
    with Signals() as signals:
        supervisor = stage.supervisor(signals, [stage.child("stage")], [once])
        stage.tell_to_stop(after=lambda lines: "story told" in lines)

        supervisor.start()
        supervisor.watch(is_ready=lambda: stage.lines() == ["stage runs"], when_ready=lambda: None)
        supervisor.stop()

    assert stage.lines() == ["stage runs", "story told", "stage leaves"]
    assert stage.said == []


def test_what_is_never_ready_is_given_up(stage, monkeypatch):
    monkeypatch.setattr("actionsite.supervise.supervisor.READY_WITHIN_SECONDS", 0.1)
    with Signals() as signals:
        supervisor = stage.supervisor(signals, [stage.child("slow")])
        supervisor.start()
        with pytest.raises(Hopeless, match="not ready within"):
            supervisor.watch(is_ready=lambda: False, when_ready=lambda: None)
        supervisor.stop()

    assert not supervisor.children[0].is_running


def test_after_it_signals_work_as_before():
    before = signal.getsignal(signal.SIGTERM)

    with Signals() as signals:
        os.kill(os.getpid(), signal.SIGTERM)
        signals.wait(10)

    assert signals.stop_count == 1
    assert signal.getsignal(signal.SIGTERM) == before
