"""Locks that end with their holder."""

import os
import subprocess
import sys

from actionsite import locks

HOLD = (
    "import sys; from pathlib import Path; from actionsite import locks; "
    "locks.hold(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
)


def test_a_lock_is_exclusive(tmp_path):
    first = locks.hold(tmp_path / "lock", must_wait=False)

    second = locks.hold(tmp_path / "lock", must_wait=False)

    assert first is not None
    assert second is None
    os.close(first)


def test_shared_locks_stand_together_and_keep_others_out(tmp_path):
    shared = [locks.hold(tmp_path / "lock", is_shared=True) for _ in range(2)]

    assert None not in shared
    assert locks.hold(tmp_path / "lock", must_wait=False) is None
    for descriptor in shared:
        os.close(descriptor)


def test_an_exclusive_lock_can_be_opened_to_others(tmp_path):
    first = locks.hold(tmp_path / "lock")

    locks.share(first)

    assert locks.hold(tmp_path / "lock", is_shared=True, must_wait=False) is not None
    assert locks.hold(tmp_path / "lock", must_wait=False) is None


def test_a_killed_process_leaves_no_lock(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        holder.stdout.readline()
        before = locks.hold(tmp_path / "lock", must_wait=False)
        holder.kill()

    assert before is None
    assert locks.hold(tmp_path / "lock", must_wait=False) is not None
