"""The story of a run: it fails, its page says why, it is run again from there, and turns green."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.engine import TESTER
from tests.journeys.conftest import open_address
from tests.journeys.test_accessibility import PAIRS, findings
from workflows import definitions, runs
from workflows.models import Run


@pytest.fixture
def gate(tmp_path) -> Path:
    """The mail server, which is up while this file is there."""
    return tmp_path / "mail-server"


@pytest.fixture
def workflow(site, gate) -> str:
    """Onboarding as three steps."""
    steps = {
        "create": {"action": "probe-mark", "params": {"name": "${{ params.userId }}"}},
        "welcome": {
            "action": "probe-deliver",
            "params": {"gate": str(gate)},
            "after": ["create"],
        },
        "sandbox": {
            "action": "probe-echo",
            "params": {"value": "${{ steps.create.result.name }}"},
            "after": ["welcome"],
        },
    }
    params = {
        "type": "object",
        "properties": {"userId": {"type": "string"}},
        "required": ["userId"],
    }
    document = {
        "workflow": "process-new-user",
        "description": "Make a user known to everything that must know it.",
        "params": params,
        "steps": steps,
        "result": {"sandbox": "${{ steps.sandbox.result }}"},
    }
    definitions.create(document, by=TESTER)
    definitions.publish("process-new-user", by=TESTER, message="The first one")
    return "process-new-user"


def fail(page: Page, workflow: str) -> None:
    """Run the workflow from its page while the mail server is down."""
    page.goto(f"/workflows/{workflow}")
    page.get_by_role("link", name="Run…", exact=True).click()
    page.get_by_label("userId").fill("usr_12345")
    page.get_by_role("button", name=f"Run {workflow}").click()
    expect(page.locator(".kicker")).to_contain_text("Failed")


def test_a_failed_run_is_run_again_from_there_and_turns_green(open_page, workflow, gate):
    page = open_page()
    fail(page, workflow)
    expect(page.locator("#sentence")).to_contain_text(
        "process-new-user for usr_12345 failed: Step welcome failed at attempt 1: Connection refused"
    )
    gate.touch()

    open_address(page, page.url)
    page.locator(".lead").get_by_role("link", name="Re-run from failed…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("row").filter(has_text="create")).to_contain_text("reuse")
    expect(dialog.get_by_role("row").filter(has_text="welcome")).to_contain_text("execute")
    dialog.get_by_label("Reason").fill("The mail server is back")
    dialog.get_by_role("button", name="Re-run 2 steps").click()

    expect(page.locator(".kicker")).to_contain_text("Succeeded")
    expect(page.locator("#step-create")).to_contain_text("reused")
    expect(page.get_by_text("Re-run of")).to_be_visible()
    assert Run.objects.filter(rerun_of__isnull=False).count() == 1


def test_another_choice_is_listed_before_it_can_be_confirmed(open_page, workflow, site):
    page = open_page()
    fail(page, workflow)
    site.allowed.add(409)

    open_address(page, page.url)
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Everything").click()
    dialog.get_by_label("Reason").fill("From scratch")
    dialog.get_by_role("button", name="Re-run 2 steps").click()

    expect(dialog).to_contain_text("has changed since you looked")
    dialog.get_by_role("button", name="Re-run 3 steps").click()
    expect(page.get_by_text("Re-run of")).to_be_visible()


def test_a_question_is_answered_and_the_run_goes_on(open_page, site):
    form = {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]}
    document = {
        "workflow": "holiday",
        "steps": {"ask": {"approval": {"message": "How many days?", "form": form}}},
    }
    definitions.create(document, by=TESTER)
    runs.start(version=definitions.publish("holiday", by=TESTER).version, params={}, by=TESTER)
    page = open_page()
    page.goto("/approvals")

    page.get_by_role("link", name="How many days?").click()
    page.get_by_label("days").fill("3")
    page.get_by_role("button", name="Approve").click()

    expect(page.locator(".kicker")).to_contain_text("Succeeded")


@pytest.mark.parametrize(("theme", "size"), PAIRS)
def test_no_page_of_workflows_and_runs_has_findings(open_page, workflow, theme, size):
    page = open_page(theme=theme, size=size)
    fail(page, workflow)
    run = page.url
    addresses = [
        "/runs",
        "/runs?status=cancelled",
        run,
        f"{run}/rerun?what=whole",
        f"{run}/steps/welcome/again",
        "/approvals",
        "/workflows",
        "/workflows/process-new-user",
        "/workflows/process-new-user/run",
        "/workflows/process-new-user/versions/1",
        "/workflows/process-new-user/diff?from=1&to=1",
    ]

    found = {}
    for address in addresses:
        page.goto(address)
        found[address] = findings(page)

    assert {address: each for address, each in found.items() if each} == {}
