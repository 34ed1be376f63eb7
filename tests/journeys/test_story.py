"""The story that the product is shown with, in a browser, on all that `manage.py up` starts."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.installation import OURS, data_dir
from tests.fixtures.running import Running, free_port
from tests.fixtures.waiting import wait_until
from tests.journeys.conftest import Site, open_address, sign_in

CARD = re.compile(r"Login\s+(\S+) / (\S+)\s")
START_SECONDS = 90


@pytest.fixture
def demo(start) -> Iterator[Running]:
    """A demo of one's own in an empty data directory, with its own ports."""
    ports = {"ACTIONSITE_DEMO_SMTP_PORT": free_port(), "ACTIONSITE_DEMO_HTTP_PORT": free_port()}
    # What the tests' own installation has set; empty is unset.
    unset = dict.fromkeys((name for name in os.environ if name.startswith(OURS)), "")
    # PostgreSQL may run as another user, who has no way into pytest's own directories.
    with TemporaryDirectory(dir=data_dir(), ignore_cleanup_errors=True) as directory:
        running = start(
            *("manage.py", "up", "--port", str(free_port())),
            *("--data-dir", str(Path(directory) / "data")),
            env={**unset, **{name: str(port) for name, port in ports.items()}},
        )
        wait_until(lambda: CARD.search(running.text()), timeout=START_SECONDS, what="the demo")
        running.url = re.search(r"Page\s+(\S+)", running.text())[1]
        yield running
        running.stop()


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
