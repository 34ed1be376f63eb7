"""Which processes `up` runs, and in which order they start. Floor: the site."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from actionsite.embedded import Cluster
from actionsite.supervise.child import Child, program
from actionsite.supervise.environment import search_path
from actionsite.supervise.options import Options

ROOT = Path(settings.BASE_DIR)
WEB_GRACE_SECONDS = 5


def ranks(*, options: Options, postgres: Child | None, logs: Path) -> Sequence[Sequence[Child]]:
    """PostgreSQL, then the demo's services, then web and workers; ended in the reverse order."""
    database = [postgres] if postgres else []
    services, story = [], []
    if settings.ACTIONSITE_DEMO:
        services = [_command("demo_services", logs=logs, starts_late=True)]
        # The story needs workers and services, so it is told when they are there.
        story = [_command("seed_demo", logs=logs, starts_late=True, runs_once=True)]
    product = [_web(options, logs), _command("qcluster", logs=logs, role="worker")]
    return [database, services, product, story]


def postgres_child(cluster: Cluster) -> Child:
    """The embedded server; started already when the other children are made."""
    return Child(
        name="postgres",
        spawn=lambda: cluster.spawn(is_child=True),
        log=cluster.log,
        stop_signal=signal.SIGINT,
    )


def _web(options: Options, logs: Path) -> Child:
    command = [sys.executable, "-m", "uvicorn", "actionsite.asgi:application"]
    command += ["--host", options.host, "--port", str(options.port), "--no-access-log"]
    command += ["--no-server-header", "--log-level", "warning"]
    command += ["--timeout-graceful-shutdown", str(WEB_GRACE_SECONDS)]
    return program(command, name="web", environment=_environment("web"), log=logs / "web.log")


def _command(
    name: str,
    *,
    logs: Path,
    role: str = "command",
    starts_late: bool = False,
    runs_once: bool = False,
) -> Child:
    # The checks are the same for all, so each child leaves them out; qcluster does by itself.
    flags = [] if name == "qcluster" else ["--skip-checks"]
    return program(
        [sys.executable, str(ROOT / "manage.py"), name, *flags],
        name=name,
        environment=_environment(role),
        log=logs / f"{name}.log",
        starts_late=starts_late,
        runs_once=runs_once,
    )


def _environment(role: str) -> dict[str, str]:
    return {
        # Else uvicorn would believe everybody on this machine who says to be a proxy.
        "FORWARDED_ALLOW_IPS": "",
        **os.environ,
        "ACTIONSITE_ROLE": role,
        "DJANGO_SETTINGS_MODULE": "actionsite.settings",
        "PYTHONPATH": search_path(ROOT),
    }
