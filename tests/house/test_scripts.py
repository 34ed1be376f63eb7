"""What is missing on a machine is named, with the command that brings it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.house import source

SCRIPTS = source.ROOT / "scripts"


def test_a_missing_python_is_named(tmp_path):
    outcome = run("environment", PYTHON="no-such-python", VENV=str(tmp_path / "venv"))

    assert outcome.returncode == 1
    assert "'no-such-python' is not a command" in outcome.stderr
    assert "apt install python3 python3-venv" in outcome.stderr


def test_an_old_python_is_refused(tmp_path):
    python = executable(
        tmp_path / "python", 'case "$1" in -V) echo Python 3.9.2;; *) exit 1;; esac'
    )

    outcome = run("environment", PYTHON=str(python), VENV=str(tmp_path / "venv"))

    assert outcome.returncode == 1
    assert "3.11 or later" in outcome.stderr
    assert "Python 3.9.2" in outcome.stderr


def test_a_python_that_cannot_make_environments_is_refused(tmp_path):
    real = sys.executable
    python = executable(
        tmp_path / "python", f'case "$*" in *ensurepip*) exit 1;; *) exec {real} "$@";; esac'
    )

    outcome = run("environment", PYTHON=str(python), VENV=str(tmp_path / "venv"))

    assert outcome.returncode == 1
    assert "apt install python3-venv" in outcome.stderr
    assert not (tmp_path / "venv").exists()


def test_a_missing_chromium_is_named_where_it_cannot_be_installed(tmp_path):
    machine(tmp_path, user=1000)

    outcome = run("chromium", PATH=str(tmp_path))

    assert outcome.returncode == 1
    assert "apt install chromium" in outcome.stderr


def test_root_gets_debians_chromium(tmp_path):
    machine(tmp_path, user=0)
    executable(tmp_path / "apt-get", f'echo "$@" >> {tmp_path}/asked')

    outcome = run("chromium", PATH=str(tmp_path))

    assert outcome.returncode == 0
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[0] == "update"
    assert asked[1].startswith("install -y --no-install-recommends chromium ")


def test_an_installation_that_fails_says_why_and_what_is_missing(tmp_path):
    machine(tmp_path, user=0)
    executable(tmp_path / "apt-get", "echo E: the disk is full; exit 100")

    outcome = run("chromium", PATH=str(tmp_path))

    assert outcome.returncode == 1
    assert "the disk is full" in outcome.stderr
    assert "apt install chromium" in outcome.stderr


def machine(folder: Path, *, user: int) -> None:
    """A PATH on which there is no browser, and `user` runs what is there."""
    for name in ("bash", "sh", "cat", "mktemp", "rm", "tail"):
        (folder / name).symlink_to(shutil.which(name) or "")
    executable(folder / "id", f"echo {user}")


def executable(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def run(name: str, **environment: str) -> subprocess.CompletedProcess[str]:
    bash = shutil.which("bash") or "bash"
    return subprocess.run(
        [bash, str(SCRIPTS / name)],
        env={**os.environ, "UV_VERSION": "0", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
