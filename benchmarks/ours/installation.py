"""An installation to measure: its environment, its tables, its processes, as in production."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

import django
from django import db

from benchmarks.figures import wait_for
from benchmarks.processes import ROOT, Tree, running

WORKERS = 2


@contextmanager
def installed(database_url: str, **others: str) -> Iterator[dict[str, str]]:
    """An installation on an empty database, to which Django is set up in this process; its settings.

    `others` are settings of its own.
    """
    with tempfile.TemporaryDirectory(prefix="actionsite-bench-var-") as directory:
        env = _environment(database_url, directory=directory) | others
        os.environ.update(env)
        run_manage("migrate", "--verbosity", "0", env=env)
        run_manage("sync_actions", env=env)
        django.setup()
        yield env
        db.connection.close()


def port_of(env: Mapping[str, str]) -> int:
    """Return the port of its web server."""
    return int(env["ACTIONSITE_BASE_URL"].rsplit(":", 1)[1])


def _environment(database_url: str, *, directory: str) -> dict[str, str]:
    """Return production's settings, but http on this machine and a lease that outlasts a freeze."""
    return {
        "DJANGO_SETTINGS_MODULE": "actionsite.settings",
        "DATABASE_URL": database_url,
        "ACTIONSITE_DATA_DIR": directory,
        "ACTIONSITE_SECRET_KEY": secrets.token_urlsafe(48),
        "ACTIONSITE_FINGERPRINT_KEY": secrets.token_urlsafe(48),
        "ACTIONSITE_VAULT_KEY": secrets.token_urlsafe(48),
        "ACTIONSITE_BASE_URL": f"http://127.0.0.1:{free_port()}",
        "ACTIONSITE_ALLOW_HTTP": "1",
        "ACTIONSITE_ALLOWED_HOSTS": "127.0.0.1",
        "ACTIONSITE_APPS": "benchmarks.noops",
        "ACTIONSITE_WORKERS": str(WORKERS),
        "ACTIONSITE_LEASE_SECONDS": "600",
    }


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def run_manage(*arguments: str, env: Mapping[str, str]) -> str:
    """Run `manage.py <arguments>` to its end and return what it printed; raise if it failed."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return done.stdout


@contextmanager
def workers(env: Mapping[str, str]) -> Iterator[Tree]:
    """Run the cluster of workers."""
    role = {"ACTIONSITE_ROLE": "worker"}
    with running(["manage.py", "qcluster"], env={**env, **role}) as cluster:
        yield cluster


@contextmanager
def web(env: Mapping[str, str]) -> Iterator[Tree]:
    """Run the web server; it answers when this returns."""
    address = env["ACTIONSITE_BASE_URL"]
    port = str(port_of(env))
    command = ["-m", "uvicorn", "actionsite.asgi:application", "--no-access-log"]
    command += ["--log-level", "warning", "--port", port]
    with running(command, env={**env, "ACTIONSITE_ROLE": "web"}) as server:
        wait_for(lambda: _answers(address), what="the web server", every=0.1, at_most=60)
        yield server


def _answers(address: str) -> bool:
    try:
        with urlopen(f"{address}/livez", timeout=2) as answer:  # noqa: S310 - our own server
            return bool(answer.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False
