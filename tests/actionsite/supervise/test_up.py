"""`manage.py up` as a person runs it: one command, everything there, everything gone."""

import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx2
import psutil
import pytest
from django.conf import settings

from actionsite.embedded import cluster_of
from tests.fixtures import installation
from tests.fixtures.running import free_port, starting
from tests.fixtures.waiting import wait_until

AN_ACTION = """
from actions import action

@action("add-up", effect="none")
def add_up(ctx, *, one: int, other: int) -> dict[str, int]:
    return {"sum": one + other}
"""
READY = "Actionsite is ready"
START_SECONDS = 90
# The machine may be busy with other tests.
ask = partial(httpx2.request, timeout=60)


class Stage:
    """A data directory of its own, and `up` on it in an environment where nothing is set."""

    def __init__(self, start, directory: Path):
        self.start = start
        self.data_dir = directory / "data"

    def command(self, *arguments: str, port: int, data_dir: Path | None = None, env=()):
        """Start `up` and do not wait for it."""
        place = ["--port", str(port), "--data-dir", str(data_dir or self.data_dir)]
        url = f"http://127.0.0.1:{port}"
        return self.start(
            "manage.py", "up", *place, *arguments, env=nothing_set() | dict(env), url=url
        )

    def up(self, *arguments: str, env=()):
        """Start `up`; return once it says that it is ready."""
        running = self.command(*arguments, port=free_port(), env=env)
        wait_until(lambda: is_told(running), timeout=START_SECONDS, what="up to be ready")
        return running


@contextmanager
def staged() -> Iterator[Stage]:
    # For a whole module; the fixture data_dir says why not below pytest's directory.
    place = tempfile.TemporaryDirectory(dir=installation.data_dir(), ignore_cleanup_errors=True)
    with place as directory, starting(Path(directory)) as start:
        yield Stage(start, Path(directory))


def nothing_set() -> dict[str, str]:
    """The variables of the tests' own installation, emptied; empty is unset."""
    return dict.fromkeys((name for name in os.environ if name.startswith(installation.OURS)), "")


@pytest.fixture
def stage():
    """For tests that end what they start."""
    with staged() as made:
        yield made


@pytest.fixture(scope="module")
def standing():
    """One `up` for the tests that only look at it; yields the stage and what runs."""
    with staged() as made:
        yield made, made.up("--no-demo")


def test_it_answers_and_tells_programs_where(standing):
    stage, running = standing
    card = json.loads((stage.data_dir / "up.json").read_text())

    answer = ask("GET", f"{card['url']}/readyz")

    assert answer.json() == {"status": "ready"}
    assert (card["pid"], card["url"], card["demo"]) == (running.pid, running.url, None)
    assert card["database_url"] == cluster_of(stage.data_dir).url()


def test_what_holds_secrets_is_for_its_owner_alone(standing):
    stage, _ = standing

    modes = {
        name: stat.S_IMODE((stage.data_dir / name).stat().st_mode)
        for name in ("keys.env", "up.json", "postgres.log")
    }

    assert modes == dict.fromkeys(modes, 0o600)


def test_a_second_one_on_the_same_data_says_so_and_leaves(standing):
    stage, running = standing

    second = stage.command(port=free_port())

    assert second.popen.wait(timeout=60) == 1
    assert f"already runs on {stage.data_dir} " in second.text()
    assert f"(process {running.pid}, {running.url})" in second.text()


def test_a_port_that_is_taken_is_named(standing):
    stage, running = standing
    port = int(running.url.rpartition(":")[2])

    refused = stage.command(port=port, data_dir=stage.data_dir.with_name("other"))

    assert refused.popen.wait(timeout=60) == 1
    assert f"Port {port} of 127.0.0.1 is taken" in refused.text()


def test_who_says_to_be_a_proxy_is_not_believed(standing):
    _, running = standing

    codes = [
        sign_in(running.url, {"X-Forwarded-For": f"192.0.2.{number}"})
        for number in range(settings.ACTIONSITE_LOGIN_FAILURES_MAX)
    ]

    assert codes == [200] * (len(codes) - 1) + [429]


def sign_in(url: str, headers: dict[str, str]) -> int:
    """The answer to a wrong password."""
    with httpx2.Client(base_url=url, headers=headers, timeout=60) as browser:
        browser.get("/login")
        token = browser.cookies["csrftoken"]
        form = {"username": "nobody", "password": "wrong", "csrfmiddlewaretoken": token}
        return browser.post("/login", data=form).status_code


def test_a_command_beside_it_uses_its_database(standing, run_manage):
    stage, running = standing
    env = nothing_set() | {"ACTIONSITE_DATA_DIR": str(stage.data_dir)}

    key = run_manage("create_api_key", "beside", "--scope", "actions:read", env=env).stdout.strip()

    answer = ask("GET", f"{running.url}/api/v1/actions", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_all_cleanly(stage, number):
    running = stage.up("--no-demo")
    children = running.children()

    running.popen.send_signal(number)
    status = running.popen.wait(timeout=60)

    assert status == 0
    assert psutil.wait_procs(children, timeout=5)[1] == []
    assert cluster_of(stage.data_dir).postmaster() is None
    assert "killed" not in running.text()
    assert json.loads((stage.data_dir / "up.json").read_text())["pid"] is None


def test_with_a_database_of_ones_own_none_is_started(stage, cloned_database):
    running = stage.up("--no-demo", env={"DATABASE_URL": cloned_database})

    answer = ask("GET", f"{running.url}/readyz")

    assert answer.status_code == 200
    assert not (stage.data_dir / "postgres").exists()
    assert running.stop(timeout=60) == 0


def test_an_app_of_a_user_is_installed_by_its_name_alone(stage, tmp_path):
    (tmp_path / "billing_of_ours").mkdir()
    (tmp_path / "billing_of_ours" / "__init__.py").touch()
    (tmp_path / "billing_of_ours" / "actions.py").write_text(AN_ACTION)

    running = stage.up(
        "--no-demo", env={"ACTIONSITE_APPS": "billing_of_ours", "PYTHONPATH": str(tmp_path)}
    )

    assert executed(running, stage, "add-up", {"one": 1, "other": 2}) == {"sum": 3}


def test_what_is_killed_comes_back(stage):
    running = stage.up("--no-demo")
    killed = running.children()

    for child in killed:
        child.kill()
    wait_until(lambda: is_ready(running), timeout=60, what="everything to be back")

    assert {child.pid for child in running.children()}.isdisjoint(child.pid for child in killed)
    assert "postgres was ended by SIGKILL" in running.text()
    assert "web was ended by SIGKILL" in running.text()


def test_when_up_is_killed_nobody_stays_behind(stage):
    running = stage.up("--no-demo")
    children = running.children()

    running.popen.kill()
    running.popen.wait()

    assert psutil.wait_procs(children, timeout=60)[1] == []


def test_a_second_start_of_the_demo_keeps_data_and_credentials(stage):
    first = stage.up()
    first.stop(timeout=60)
    login, key = credentials(first)

    second = stage.up()

    assert credentials(second) == (login, key)
    assert stat.S_IMODE((stage.data_dir / "demo.json").stat().st_mode) == 0o600
    answer = ask("GET", f"{second.url}/api/v1/actions", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200


def executed(running, stage, name, params):
    """The result of an action, executed over REST with a key that was made for it."""
    made = subprocess.run(
        [sys.executable, "manage.py", "create_api_key", "test", "--scope", "actions:execute"],
        cwd=installation.ROOT,
        env={**os.environ, **nothing_set(), "ACTIONSITE_DATA_DIR": str(stage.data_dir)},
        capture_output=True,
        text=True,
        check=True,
    )
    answer = ask(
        "POST",
        f"{running.url}/api/v1/actions/{name}/executions",
        json={"params": params},
        headers={"Authorization": f"Bearer {made.stdout.strip()}"},
    )
    return answer.json()["result"]


def is_told(running) -> bool:
    assert running.popen.poll() is None, running.text()
    return READY in running.text()


def is_ready(running) -> bool:
    try:
        return ask("GET", f"{running.url}/readyz").status_code == 200
    except httpx2.TransportError:
        return False


def credentials(running) -> tuple[str, str]:
    """The login and the API key that the terminal shows."""
    rows = [line[2:].split("  ", 1) for line in running.text().splitlines() if line[:2] == "  "]
    shown = {name.strip(): value.strip() for name, value in rows}
    return shown["Login"], shown["API key"]
