"""The demo's services, on ports and in a data directory of the test's own."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from onboarding.demo import control
from onboarding.demo.running import Servers
from tests.fixtures.running import Running, free_port
from tests.fixtures.waiting import wait_until


@dataclass(kw_only=True)
class Stage:
    """Where the demo of one test lives, and how its services are started as a process."""

    directory: Path
    begin: Callable[..., Running]
    smtp_port: int = field(default_factory=free_port)
    http_port: int = field(default_factory=free_port)

    @property
    def env(self) -> dict[str, str]:
        """The environment of every process of this demo."""
        return {
            "ACTIONSITE_DATA_DIR": str(self.directory),
            "ACTIONSITE_DEMO_SMTP_PORT": str(self.smtp_port),
            "ACTIONSITE_DEMO_HTTP_PORT": str(self.http_port),
        }

    def start(self) -> Running:
        """Start the services; they answer when this returns."""
        running = self.begin("manage.py", "demo_services", env=self.env)
        wait_until(lambda: running.popen.poll() is not None or answers(), what="demo services")
        assert running.popen.poll() is None, running.text()
        return running


@pytest.fixture
def stage(tmp_path, settings, start) -> Stage:
    """A demo whose ports and files this process knows by its settings, too."""
    made = Stage(directory=tmp_path, begin=start)
    settings.ACTIONSITE_DATA_DIR = made.directory
    settings.ACTIONSITE_DEMO_SMTP_PORT = made.smtp_port
    settings.ACTIONSITE_DEMO_HTTP_PORT = made.http_port
    return made


@pytest.fixture
def services(stage) -> Iterator[Stage]:
    """The real servers in a thread, which is sooner there than a process."""
    servers = Servers(
        directory=stage.directory, smtp_port=stage.smtp_port, http_port=stage.http_port
    )
    thread = threading.Thread(target=lambda: asyncio.run(servers.serve()))
    thread.start()
    wait_until(lambda: servers.http.started, what="the demo's HTTP server")
    yield stage
    servers.http.should_exit = True
    thread.join()


def answers() -> bool:
    """Whether the demo's services answer where the settings say."""
    try:
        control.mail()
    except control.DemoUnreachable:
        return False
    return True
