"""Our own service against the suite that checks any service, as its README says to run it."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from actions import access
from actions.actors import SYSTEM
from actions.models import Execution
from actions.promises import broken_promises
from tests.fixtures import installation
from tests.fixtures.running import Running

WITH_SUBJECT = {"ACTIONSITE_APPS": "onboarding,tests.probe,conformance.subject"}
Checked = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def checked(cloned_database, run_manage, web_server, qcluster) -> Checked:
    """Run the suite against a web server and two workers of ours, from outside."""
    run_manage("sync_actions", env=WITH_SUBJECT)
    server: Running = web_server(env=WITH_SUBJECT)
    qcluster(workers=2, env=WITH_SUBJECT)
    key = access.create_key(name="conformance", scopes=sorted(access.PERMISSIONS), by=SYSTEM)[1]

    def run(*arguments: str, timeout: float) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "conformance", "-q", *arguments],
            cwd=installation.ROOT,
            # Nothing of this installation is known to the suite but where it is.
            env={
                "PATH": os.environ["PATH"],
                "DO_API_URL": server.url,
                "DO_API_KEY": key,
            },
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.mark.timeout(240)
def test_our_service_keeps_the_contract(checked):
    suite = checked("-m", "not long", timeout=200)

    assert suite.returncode == 0, suite.stdout + suite.stderr
    assert Execution.objects.count() > 50
    assert broken_promises() == []


@pytest.mark.long
@pytest.mark.timeout(600)
def test_our_service_keeps_the_contract_for_long(checked):
    suite = checked("-m", "long", timeout=500)

    assert suite.returncode == 0, suite.stdout + suite.stderr
    assert broken_promises() == []
