"""Two runs fail, both are run again from the list, and a page follows that to its end."""

import pytest
from playwright.sync_api import expect

from tests.fixtures.engine import TESTER
from tests.fixtures.waiting import wait_until
from tests.journeys.test_accessibility import PAIRS, findings
from tests.journeys.test_runs import gate, workflow
from workflows import runs
from workflows.models import Run, Workflow

__all__ = ["gate", "workflow"]


@pytest.fixture
def two(workflow):
    """Two runs of it that have failed."""
    version = Workflow.objects.named(workflow).active
    for user in ("usr_1", "usr_2"):
        runs.start(version=version, params={"userId": user}, by=TESTER)
    wait_until(lambda: Run.objects.filter(status="failed").count() == 2, what="two failures")


@pytest.mark.parametrize(("theme", "size"), PAIRS)
def test_all_that_failed_is_run_again_and_followed_to_the_end(open_page, two, gate, theme, size):
    page, found = open_page(theme=theme, size=size), {}
    gate.touch()
    page.goto("/runs?status=failed")

    page.get_by_role("link", name="Re-run these…").click()
    found["new"] = findings(page)
    page.get_by_label("Reason").fill("The mail server is back")
    page.get_by_role("button", name="Re-run 2 runs").click()

    expect(page.get_by_role("heading", name="2 succeeded")).to_be_visible()
    found["bulk"] = findings(page)
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    page.goto("/bulk-reruns")
    expect(page.get_by_text("2 succeeded")).to_be_visible()
    found["list"] = findings(page)
    assert ({name: each for name, each in found.items() if each}, width <= 0) == ({}, True)
