"""Every page without findings for WCAG 2.2 A and AA, in both themes, wide and on a phone."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page, expect

from actions import executions
from tests.fixtures.engine import TESTER
from tests.fixtures.waiting import wait_until
from tests.journeys.conftest import PHONE, WIDE, open_address

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def story(site) -> dict[str, str]:
    """Executions in the states that pages tell apart: their addresses by state."""
    made = {
        "failed": executions.submit(action="probe-decline", params={}, by=TESTER, key="a-key"),
        "succeeded": executions.submit(
            action="probe-flaky", params={"name": "usr_1", "fail_times": 1}, by=TESTER
        ),
    }
    rows = {state: submission.execution for state, submission in made.items()}
    for state, row in rows.items():
        wait_until(lambda row=row, state=state: is_in(row, state), what=state)
    executions.submit(action="probe-decline", params={}, by=TESTER, key="a-key")
    return {state: f"/executions/{row.shown_id}" for state, row in rows.items()}


def is_in(row, state: str) -> bool:
    row.refresh_from_db()
    return row.status == state


def findings(page: Page) -> list[str]:
    """What axe finds, one line for each element."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['target'][0]} ({node['failureSummary'].splitlines()[-1].strip()})"
        for rule in found
        for node in rule["nodes"]
    ]


# Each theme and each width once in the core suite, the other pairs in the long one.
PAIRS = [
    pytest.param("light", WIDE, id="light-wide"),
    pytest.param("dark", PHONE, id="dark-phone"),
    pytest.param("dark", WIDE, id="dark-wide", marks=pytest.mark.long),
    pytest.param("light", PHONE, id="light-phone", marks=pytest.mark.long),
]


@pytest.mark.parametrize(("theme", "size"), PAIRS)
def test_no_page_has_findings(open_page: Callable[..., Page], site, story, theme, size):
    page = open_page(size=size, theme=theme)
    site.allowed |= {400, 404}
    addresses = [
        "/executions",
        "/executions?status=failed&q=nowhere",
        "/executions?colour=red",
        story["failed"],
        story["succeeded"],
        f"{story['failed']}/rerun?edit=1",
        "/actions",
        "/actions/create-invoice",
        "/actions/create-invoice#nav",
        "/nowhere",
    ]

    found = {}
    for address in addresses:
        page.goto(address)
        found[address] = findings(page)

    assert {address: each for address, each in found.items() if each} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_opens_on_a_page_has_no_findings(open_page, story, theme):
    page = open_page(theme=theme)
    open_address(page, story["failed"])
    found = {}

    page.keyboard.press("r")
    expect(page.get_by_role("dialog")).to_be_visible()
    found["re-run"] = findings(page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    found["help"] = findings(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Times are shown in").click()
    found["zone"] = findings(page)

    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_login_page_has_no_findings(browser, site, theme):
    context = browser.new_context(base_url=site.url, color_scheme=theme)
    page = site.watch(context.new_page())
    page.goto("/login")

    assert findings(page) == []
    context.close()


@pytest.mark.parametrize(("theme", "size"), PAIRS)
def test_the_login_page_that_refuses_has_no_findings(browser, site, theme, size):
    site.allowed |= {429}
    context = browser.new_context(base_url=site.url, color_scheme=theme, viewport=size)
    page = site.watch(context.new_page())
    page.goto("/login?next=/actions")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        page.get_by_label("Username").fill(f"nobody-{theme}-{size['width']}")
        page.get_by_label("Password").fill("wrong")
        with page.expect_navigation():
            page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("alert")).to_contain_text("not even with the right password")
    assert findings(page) == []
    context.close()
