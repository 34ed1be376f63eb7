"""Everything that people do works where scripts are switched off."""

import re

from playwright.sync_api import Page, expect

from actions import executions
from actions.models import Execution
from tests.fixtures.engine import TESTER
from tests.fixtures.waiting import wait_until
from tests.journeys.conftest import PHONE, sign_in, someone


def plain_page(browser, site, **options) -> Page:
    """A browser without scripts in which an operator is signed in."""
    context = browser.new_context(base_url=site.url, java_script_enabled=False, **options)
    page = site.watch(context.new_page())
    sign_in(page, someone("operator"))
    return page


def status_of(execution: Execution) -> str:
    return Execution.objects.get(id=execution.id).status


def test_an_execution_is_found_rerun_and_its_params_edited(browser, site):
    old = executions.submit(action="probe-mark", params={"name": "one"}, by=TESTER).execution
    wait_until(lambda: status_of(old) == "succeeded", what="the end")
    page = plain_page(browser, site)

    page.get_by_role("search").first.get_by_role("searchbox").fill(old.shown_id)
    page.keyboard.press("Enter")
    page.locator("tbody").get_by_role("link", name="probe-mark").click()
    page.locator(".lead").get_by_role("link", name="Re-run…").click()
    page.get_by_text("Edit", exact=True).click()
    page.get_by_label("name").fill("two")
    page.get_by_role("button", name="Re-run 1 action").click()

    expect(page).to_have_url(re.compile("/executions/exec_"))
    assert Execution.objects.get(rerun_of=old).params == {"name": "two"}
    page.context.close()


def test_a_phone_reaches_menu_filters_and_theme(browser, site):
    page = plain_page(browser, site, viewport=PHONE)

    page.get_by_role("link", name="Menu").click()
    page.get_by_role("button", name="Theme: system").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.goto("/executions")
    page.get_by_role("link", name="Filters").click()
    page.locator("#facets").get_by_role("link", name="failed").click()

    expect(page).to_have_url(f"{site.url}/executions?status=failed")
    page.context.close()


def test_an_execution_is_cancelled_with_a_reason(browser, site):
    site.worker.stop()
    waiting = executions.submit(action="probe-nothing", params={}, by=TESTER).execution
    page = plain_page(browser, site)
    page.goto(f"/executions/{waiting.shown_id}")

    page.locator(".lead").get_by_role("link", name="Cancel…").click()
    page.get_by_label("Reason").fill("ordered twice")
    page.get_by_role("button", name="Cancel the execution").click()

    expect(page.locator("#sentence")).to_contain_text("was cancelled by the-operator")
    page.context.close()
