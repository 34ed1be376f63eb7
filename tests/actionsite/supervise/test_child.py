"""A child under supervision: how long it is waited for, and when it is given up."""

import signal
import sys

import pytest

from actionsite.supervise.child import Child, ending_of, program


class Ended:
    """A process that has ended."""

    def __init__(self, status: int) -> None:
        self.returncode = status

    def poll(self) -> int:
        return self.returncode


def dying(tmp_path, **given) -> Child:
    return Child(name="x", spawn=lambda: Ended(1), log=tmp_path / "x.log", **given)


def test_each_death_within_a_minute_doubles_the_wait(tmp_path):
    child = dying(tmp_path)
    waits = []

    for second in range(5):
        child.start()
        child.bury(float(second))
        waits.append(child.restart_at - second)

    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0]


def test_no_wait_is_longer_than_ten_seconds(tmp_path):
    child = dying(tmp_path)

    for _ in range(12):
        child.start()
        child.bury(1.0)

    assert child.restart_at == 11.0


def test_six_deaths_within_a_minute_are_too_many(tmp_path):
    child = dying(tmp_path)
    verdicts = []

    for second in range(6):
        child.start()
        child.bury(float(second))
        verdicts.append(child.is_hopeless)

    assert verdicts == [False] * 5 + [True]


def test_deaths_of_more_than_a_minute_ago_are_forgiven(tmp_path):
    child = dying(tmp_path)

    for second in (0, 1, 2, 3, 4, 70):
        child.start()
        child.bury(float(second))

    assert not child.is_hopeless
    assert child.restart_at == 70.25


def test_a_death_is_told_once(tmp_path):
    child = dying(tmp_path)
    child.start()

    assert child.bury(0.0) == "ended with status 1"
    assert child.bury(0.0) is None


def test_what_runs_once_and_ends_well_is_no_death(tmp_path):
    child = Child(name="x", spawn=lambda: Ended(0), log=tmp_path / "x.log", runs_once=True)
    child.start()

    assert child.bury(0.0) is None
    assert not child.deaths


@pytest.mark.parametrize(
    ("status", "words"),
    [(0, "ended with status 0"), (3, "ended with status 3"), (-9, "was ended by SIGKILL")],
)
def test_an_ending_is_told_in_words(status, words):
    assert ending_of(status) == words


def test_what_it_writes_is_kept(tmp_path):
    command = [sys.executable, "-c", "import sys; print('out'); print('err', file=sys.stderr)"]
    child = program(command, name="x", environment={}, log=tmp_path / "x.log")

    child.start()
    child.popen.wait()

    assert set(child.last_words().splitlines()) == {"out", "err"}


def test_killing_takes_the_whole_session(tmp_path):
    # The shell starts another process and waits for it; both hold the pipe of the output.
    command = ["/bin/sh", "-c", "echo $$; /bin/cat /dev/zero > /dev/null & wait"]
    child = program(command, name="x", environment={}, log=tmp_path / "x.log")
    child.start()

    child.kill()

    assert child.popen.returncode == -signal.SIGKILL
    assert not child.is_running
