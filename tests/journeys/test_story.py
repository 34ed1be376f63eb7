"""The story that the product is shown with, in a browser, on all that `manage.py up` starts."""

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.demo import CARD
from tests.fixtures.waiting import wait_until
from tests.journeys.conftest import Site, open_address, sign_in

ADA, HEDY = "ada@example.com", "hedy@example.com"


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
def test_the_failed_run_turns_green_and_the_question_is_answered(page):
    come_in(page)
    find_the_failure(page)
    see_why(page)
    run_again_from_there(page)
    expect(page.locator(".kicker")).to_contain_text("Succeeded")
    expect(page.locator("#step-create_user")).to_contain_text("reused")

    answer_the_question(page)
    expect(page.locator(".kicker")).to_contain_text("Succeeded")
    expect(page.locator("#step-approve")).to_contain_text("approved by demo")


def come_in(page: Page) -> None:
    """The demo tells its story meanwhile; Hedy's question is near its end."""
    page.get_by_role("link", name="Runs", exact=True).click()
    question = page.get_by_role("row").filter(has_text=HEDY).filter(has_text="waiting")
    wait_until(lambda: page.goto("/runs") and question.count(), timeout=60, what="the question")
    expect(page.get_by_role("button", name="Stop the mail server")).to_be_visible()


def find_the_failure(page: Page) -> None:
    row = page.get_by_role("row").filter(has_text=ADA)
    expect(row).to_contain_text("Step welcome failed at attempt 3: SMTP connection refused")
    row.get_by_role("link", name="process-new-user").click()
    expect(page.locator("#sentence")).to_contain_text(f"process-new-user for {ADA} failed: Step")


def see_why(page: Page) -> None:
    """The step and its execution say so too, and one finds back from there."""
    expect(page.locator("#step-create_user")).to_contain_text("succeeded")
    expect(page.locator("#step-sandbox")).to_contain_text("not started")
    page.get_by_role("link", name="Attempts and log").click()
    sentence = page.locator("#sentence")
    expect(sentence).to_contain_text("send-welcome-email for usr_12345 failed: SMTP connection")
    expect(sentence).to_contain_text("three times")
    page.get_by_role("link", name="run_").click()
    expect(page.locator("#sentence")).to_contain_text(f"process-new-user for {ADA}")


def run_again_from_there(page: Page) -> None:
    open_address(page, page.url)
    page.locator(".lead").get_by_role("link", name="Re-run from failed…").click()
    dialog = page.get_by_role("dialog")
    said = {"create_user": "reuse", "welcome": "execute", "approve": "skip", "sandbox": "execute"}
    for step, verdict in said.items():
        expect(dialog.get_by_role("row").filter(has_text=step)).to_contain_text(verdict)
    dialog.get_by_label("Reason").fill("The mail server is up again")
    dialog.get_by_role("button", name="Re-run 3 steps").click()

    for step in ("welcome", "sandbox"):
        expect(page.locator(f"#step-{step}")).to_contain_text("succeeded")
    expect(page.locator("#step-invite")).to_contain_text("2 of 2 elements succeeded")
    expect(page.get_by_text("Re-run of")).to_be_visible()


def answer_the_question(page: Page) -> None:
    page.get_by_role("link", name="Approvals", exact=True).click()
    page.get_by_role("link", name="May Hedy Lamarr have an enterprise account?").click()
    page.get_by_label("contract").fill("C-2026-119")
    page.get_by_role("button", name="Approve").click()

    expect(page.locator("#step-sandbox")).to_contain_text("succeeded")
