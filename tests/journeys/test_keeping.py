"""An administrator makes a key, sets a secret, releases an idempotency key, and finds it all again."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from actions import access, executions, vault
from actions.models import ApiKey, Execution, IdempotencyRecord
from tests.fixtures.engine import TESTER
from tests.fixtures.waiting import wait_until
from tests.journeys.conftest import PHONE, open_address
from tests.journeys.test_accessibility import PAIRS, findings


@pytest.fixture
def record(site) -> IdempotencyRecord:
    """The record of a key whose execution has ended, and which was sent again."""
    wish = {"action": "probe-decline", "params": {}, "by": TESTER, "key": "order-12345"}
    execution = executions.submit(**wish).execution
    wait_until(lambda: Execution.objects.get(id=execution.id).is_terminal, what="the end")
    executions.submit(**wish)
    return IdempotencyRecord.objects.get(key="order-12345")


def go(page: Page, key: str) -> None:
    """Go to a page by the keyboard, which the page's script listens to once it has loaded."""
    page.wait_for_load_state("load")
    page.keyboard.press("g")
    page.keyboard.press(key)


def make_key(page: Page) -> str:
    """Make a key for a shop and go back to the list; returns the key that was shown."""
    go(page, "k")
    page.locator(".lead").get_by_role("link", name="Make a key…").click()
    page.get_by_label("Name").fill("shop")
    page.get_by_label("actions:execute").check()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Copy the key of shop now")).to_be_visible()
    key = page.locator("#new-key").inner_text()
    page.get_by_role("button", name="Copy the key").click()
    page.get_by_role("link", name="I have it, show all keys").click()
    return key


def set_secret(page: Page) -> None:
    """Set the mail server's password."""
    go(page, "s")
    page.locator(".lead").get_by_role("link", name="Set a secret…").click()
    page.get_by_label("Name").fill("smtp-password")
    page.get_by_label("Value").fill("hunter2-canary")
    page.get_by_label("Actions that may read it").fill("send-*")
    page.get_by_role("button", name="Set the secret").click()


def release_key(page: Page) -> None:
    """Release the idempotency key of the order."""
    go(page, "i")
    page.get_by_role("link", name="order-12345").click()
    open_address(page, page.url)
    page.locator(".lead").get_by_role("link", name="Release…").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("a second one is wanted")
    page.get_by_role("button", name="Release the key").click()


def test_what_an_administrator_does_is_done_and_stands_in_the_audit_log(open_page, site, record):
    page = open_page("admin")

    key = make_key(page)
    expect(page.get_by_role("row", name="shop")).to_contain_text("in force")
    assert access.authenticate(key).permissions == {"actions:execute"}
    assert key not in page.content()

    set_secret(page)
    expect(page.get_by_role("heading", name="smtp-password may be read by")).to_be_visible()
    assert "hunter2-canary" not in page.content()
    assert vault.read("smtp-password", action="send-letter") == "hunter2-canary"

    release_key(page)
    expect(page.locator(".kicker")).to_contain_text("released")
    expect(page.get_by_text("“a second one is wanted”")).to_be_visible()

    go(page, "l")
    for line in ("the-admin released the key of exec_", "the-admin set the secret smtp-password"):
        expect(page.get_by_role("row").filter(has_text=line)).to_be_visible()
    page.get_by_label("Verb").select_option("api_key.created")
    page.get_by_role("button", name="Filter").click()
    expect(page).to_have_url(re.compile("verb=api_key.created"))
    page.get_by_role("link", name="shop").click()
    expect(page.get_by_role("heading", name="shop may execute actions")).to_be_visible()


def test_a_phone_revokes_a_key_from_the_bar_at_the_bottom(open_page, site):
    key, _ = access.create_key(name="shop", scopes=["executions:read"], by=TESTER)
    page = open_page("admin", size=PHONE)
    page.goto(f"/api-keys/{key.prefix}")
    button = page.locator(".bar-fixed").get_by_role("link", name="Revoke…")
    expect(button).to_have_attribute("data-htmx-powered", "true")

    button.click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke the key").click()

    expect(page.get_by_role("status").first).to_contain_text("opens nothing from now on")
    assert ApiKey.objects.get().revoked_at is not None


@pytest.mark.parametrize(("theme", "size"), PAIRS)
def test_no_page_has_findings(open_page: Callable[..., Page], site, record, theme, size):
    key, _ = access.create_key(name="shop", scopes=["executions:read"], by=TESTER, patterns=["a-*"])
    vault.set_secret("smtp-password", "hunter2", by=TESTER, actions=["send-*"])
    page = open_page("admin", size=size, theme=theme)
    site.allowed |= {400, 404}
    addresses = [
        "/idempotency",
        "/idempotency?state=expired",
        f"/idempotency/{record.pk}",
        f"/idempotency/{record.pk}/release",
        "/audit",
        "/audit?colour=red",
        "/api-keys",
        "/api-keys/new",
        f"/api-keys/{key.prefix}",
        "/secrets",
        "/secrets/+new",
        "/secrets/smtp-password",
        "/secrets/nowhere",
    ]

    found = {}
    for address in addresses:
        page.goto(address)
        found[address] = findings(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[address].append("wider than the window")

    assert {address: each for address, each in found.items() if each} == {}
