"""Requests that the OpenAPI document allows or forbids: nothing breaks, nothing is undocumented.

Schemathesis makes them. The seed is fixed and stands in what is printed, so a failure comes again.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from actions import access, vault
from actions.actors import SYSTEM
from actions.models import Action, ActionVersion, Execution
from actions.promises import broken_promises

SEED = 20261122
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
)
# Of these one is enough to refuse all that follows.
LAST = ("disable_action", "revoke_api_key")
# Only actions that do no harm, and nobody is made to wait.
HARMLESS = {
    "ACTIONSITE_APPS": "tests.tiny",
    "ACTIONSITE_RATE_LIMIT": "0",
    "ACTIONSITE_WAIT_MAX_SECONDS": "1",
}

Fuzz = Callable[..., None]


@pytest.fixture
def fuzz(cloned_database, qcluster, web_server, run_manage, tmp_path) -> Fuzz:
    """Make requests of the calls, as somebody who may do everything; fails with what was found."""
    Action.objects.update(current=None)
    ActionVersion.objects.all().delete()
    Action.objects.all().delete()
    run_manage("sync_actions", env=HARMLESS)
    vault.set_secret("smtp-password", "hunter2", by=SYSTEM)
    key = access.create_key(name="fuzz", scopes=sorted(access.PERMISSIONS), by=SYSTEM)[1]
    qcluster(workers=1, env=HARMLESS)
    server = web_server(env=HARMLESS)

    def run(*options: str) -> None:
        command = [Path(sys.executable).with_name("schemathesis"), "run", *options]
        command += [f"{server.url}/api/schema/", "--header", f"Authorization: Bearer {key}"]
        command += ["--checks", ",".join(CHECKS), "--seed", str(SEED), "--request-timeout", "10"]
        command += ["--no-color", "--continue-on-failure", "--warnings", "off"]
        command += ["--suppress-health-check", "all"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]

    return run


def options(word: str, operations: tuple[str, ...]) -> list[str]:
    return [part for one in operations for part in (f"--{word}-operation-id", one)]


def check_record() -> None:
    """Fail unless every action was executed, some in each way, and the record is in order."""
    executed = set(Execution.objects.values_list("action_name", "status"))
    assert {name for name, _ in executed} >= {"tiny-add", "tiny-greet", "tiny-refuse"}
    assert {status for _, status in executed} >= {"succeeded", "failed"}
    assert broken_promises() == []


@pytest.mark.timeout(300)
def test_a_few_requests_of_each_call_break_nothing(fuzz):
    fuzz("--phases", "examples,coverage", *options("exclude", LAST))

    check_record()


@pytest.mark.long
@pytest.mark.timeout(360)
def test_many_requests_by_chance_break_nothing(fuzz):
    phases = "coverage,fuzzing,stateful"
    fuzz("--phases", phases, "--max-examples", "30", *options("exclude", LAST))
    fuzz("--phases", "coverage,fuzzing", "--max-examples", "30", *options("include", LAST))

    check_record()
