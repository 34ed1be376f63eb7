"""Runs in real workers that lack the code of an action, or may not call it; times that come."""

import os

import pytest

from actions import definitions
from actions.models import Execution, Worker
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER
from workflows import definitions as workflow_definitions
from workflows import runs
from workflows.models import Run, Step
from workflows.runs.waiting import why_waiting

CODE = '''\
from actions import Context, action


@action("greet-customer", effect="none")
def greet_customer(ctx: Context) -> str:
    """Say hello."""
    return "hello"
'''
FAR_POLL = {"ACTIONSITE_POLL_SECONDS": "300"}


@pytest.fixture
def outside(tmp_path) -> dict[str, str]:
    """An app of its own, and the environment that names it."""
    (tmp_path / "crm").mkdir()
    (tmp_path / "crm" / "__init__.py").touch()
    (tmp_path / "crm" / "actions.py").write_text(CODE)
    path = os.pathsep.join([str(tmp_path), os.environ["PYTHONPATH"]])
    return {"ACTIONSITE_APPS": "onboarding,tests.probe,crm", "PYTHONPATH": path}


def publish(steps, **rest):
    workflow_definitions.create({"workflow": "under-test", "steps": steps} | rest, by=TESTER)
    return workflow_definitions.publish("under-test", by=TESTER).version


def why(run):
    run = Run.objects.get(id=run.id)
    active = list(Step.objects.active([run.id]))
    found = Execution.objects.filter(run_id=run.id).with_version()
    return why_waiting(run, active, {one.id: one for one in found})


def is_idle():
    return Worker.objects.filter(idle_since__isnull=False, state="alive").exists()


def stands(run, status):
    return lambda: Run.objects.get(id=run.id).status == status


def test_a_run_waits_for_a_worker_with_the_code_of_its_step_and_goes_on_with_it(
    catalogue, outside, run_manage, qcluster, wait_until
):
    run_manage("sync_actions", env=outside)
    first = {"action": "probe-nothing"}
    version = publish({"first": first, "greet": {"action": "greet-customer", "after": ["first"]}})
    run_manage("sync_actions")
    without = qcluster(workers=1)
    run = runs.start(version=version, params={}, by=TESTER)

    told = wait_until(lambda: why(run), what="a reason")
    wait_until(lambda: Step.objects.filter(run=run, name="greet", status="queued").exists())
    told = wait_until(lambda: why(run), what="a reason")
    assert (told.reason, told.needs_help) == ("action_missing", True)
    assert "No living worker has the code of greet-customer." in told.sentence
    assert broken_promises() == []

    without.stop()
    run_manage("sync_actions", env=outside)
    qcluster(workers=1, env=outside)

    wait_until(stands(run, "succeeded"), what="the end of the run")
    assert broken_promises() == []


def test_a_run_that_waits_for_its_code_can_be_cancelled(
    catalogue, outside, run_manage, qcluster, wait_until
):
    run_manage("sync_actions", env=outside)
    run = runs.start(version=publish({"greet": {"action": "greet-customer"}}), params={}, by=TESTER)
    qcluster(workers=1)

    runs.cancel(run_id=run.id, by=TESTER)

    wait_until(stands(run, "cancelled"), what="the end of the run")
    assert broken_promises() == []


def test_a_worker_that_sleeps_is_woken_when_an_action_is_enabled(catalogue, qcluster, wait_until):
    definitions.disable("probe-nothing", by=TESTER)
    run = runs.start(version=publish({"one": {"action": "probe-nothing"}}), params={}, by=TESTER)
    qcluster(workers=1, env=FAR_POLL)
    wait_until(is_idle, what="an idle worker")

    definitions.enable("probe-nothing", by=TESTER)

    wait_until(stands(run, "succeeded"), timeout=10, what="the end of the run")
    assert broken_promises() == []


@pytest.mark.parametrize(
    ("steps", "rest", "status"),
    [
        ({"wait": {"wait": {"for": 1}}}, {}, "succeeded"),
        ({"ask": {"approval": {"message": "?"}}}, {"timeout": 1}, "failed"),
        ({"paid": {"event": {"name": "paid"}, "timeout": 1}}, {}, "failed"),
    ],
)
def test_what_a_new_run_waits_for_is_met_at_its_time_long_before_the_poll(
    catalogue, qcluster, wait_until, settings, steps, rest, status
):
    settings.ACTIONSITE_POLL_SECONDS = 300
    version = publish(steps, **rest)
    qcluster(workers=1, env=FAR_POLL)
    wait_until(is_idle, what="an idle worker")

    run = runs.start(version=version, params={}, by=TESTER)

    wait_until(stands(run, status), timeout=10, what="the end of the run")
    run = Run.objects.get(id=run.id)
    assert 1 <= (run.finished_at - run.started_at).total_seconds() < 5
