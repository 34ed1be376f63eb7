"""The story that the product is shown with, in a browser, on all that `manage.py up` starts."""

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.waiting import wait_until
from tests.journeys.conftest import CARD, Site, open_address, sign_in


@pytest.fixture
def page(browser, demo) -> Page:
    """A browser in which the demo's own user is signed in."""
    name, password = CARD.search(demo.text()).groups()
    context = browser.new_context(base_url=demo.url, viewport={"width": 1280, "height": 800})
    site = Site(url=demo.url)
    page = site.watch(context.new_page())
    sign_in(page, name, password)
    yield page
    context.close()
    assert site.complaints == []


@pytest.mark.timeout(240)
def test_the_failure_of_the_demo_says_why_and_its_rerun_succeeds(page):
    row = page.locator("tbody tr").filter(has_text="send-welcome-email")
    # The demo tells its story while we come in.
    wait_until(lambda: page.goto("/executions") and row.count(), what="the welcome email")
    expect(row).to_contain_text("SMTP connection refused")

    row.get_by_role("link", name="send-welcome-email").click()
    sentence = page.locator("#sentence")
    expect(sentence).to_contain_text("send-welcome-email for usr_12345 failed: SMTP connection")
    expect(sentence).to_contain_text("three times")

    start = page.get_by_role("button", name="Start the mail server")
    if start.is_visible():
        start.click()
    expect(page.get_by_role("button", name="Stop the mail server")).to_be_visible()

    open_address(page, page.url)
    page.locator(".lead").get_by_role("link", name="Re-run…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("It failed and left nothing behind")
    dialog.get_by_role("button", name="Re-run 1 action").click()

    expect(page.locator(".kicker")).to_contain_text("Succeeded")
    expect(sentence).to_contain_text("send-welcome-email for usr_12345 succeeded")
    expect(page.get_by_text("Re-run of")).to_be_visible()
