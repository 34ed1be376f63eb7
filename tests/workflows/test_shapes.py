"""A deploy that makes a coroutine of an action, or a plain function, under workers of both shapes."""

import os
from pathlib import Path

import pytest

from actions import executions
from actions.models import Execution
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER

CODE = '''\
from actions import Context, Retry, action

AGAIN = {{"max_attempts": 4, "backoff": "fixed", "delay_seconds": 1, "jitter": "none"}}


@action("deploy-me", effect="none", retry=AGAIN)
{shape} deploy_me(ctx: Context, *, attempts: int) -> str:
    """Succeed at that attempt."""
    if ctx.attempt < attempts:
        raise Retry("not yet")
    return "{shape}"
'''


def build(directory: Path, shape: str) -> dict[str, str]:
    """An app whose action has that shape, and the environment that names it."""
    (directory / "crm").mkdir(parents=True)
    (directory / "crm" / "__init__.py").touch()
    (directory / "crm" / "actions.py").write_text(CODE.format(shape=shape))
    path = os.pathsep.join([str(directory), os.environ["PYTHONPATH"]])
    return {"ACTIONSITE_APPS": "onboarding,tests.probe,crm", "PYTHONPATH": path}


def submit(count: int) -> None:
    for number in range(count):
        params = {"attempts": number % 3 + 1}
        executions.submit(action="deploy-me", params=params, by=TESTER)


@pytest.mark.long
@pytest.mark.parametrize("shapes", [("def", "async def"), ("async def", "def")], ids=" to ".join)
def test_a_rolling_restart_loses_nothing_that_is_queued_retrying_or_comes_meanwhile(
    catalogue, run_manage, qcluster, wait_until, tmp_path, shapes
):
    old, new = (build(tmp_path / shape.replace(" ", "-"), shape) for shape in shapes)
    run_manage("sync_actions", env=old)
    submit(12)
    first = qcluster(workers=1, env=old)
    wait_until(lambda: Execution.objects.filter(status="retrying").exists(), what="a retry")

    run_manage("sync_actions", env=new)
    submit(12)
    qcluster(workers=1, env=new)
    submit(12)
    wait_until(lambda: Execution.objects.filter(result=shapes[1]).exists(), what="the new build")
    first.stop()
    submit(12)

    left = Execution.objects.exclude(status="succeeded")
    wait_until(lambda: not left.exists(), what="the end of all")
    assert Execution.objects.count() == 48
    assert broken_promises() == []
