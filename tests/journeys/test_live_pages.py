"""Pages that follow what happens, without a reload and without a jump."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from actions import executions
from tests.fixtures.engine import TESTER
from tests.fixtures.waiting import wait_until


@pytest.fixture
def held(tmp_path):
    """An execution that runs until its gate opens."""
    gate = tmp_path / "gate"
    params = {"name": "held", "gate": str(gate)}
    execution = executions.submit(action="probe-hold", params=params, by=TESTER).execution
    return execution, gate


def begun(gate: Path) -> Path:
    return Path(f"{gate}.begun")


def test_a_page_goes_from_running_to_succeeded_without_a_reload(open_page, site, held):
    execution, gate = held
    page = open_page()
    wait_until(begun(gate).exists, what="the attempt")
    page.goto(f"/executions/{execution.shown_id}")
    expect(page.locator("#sentence")).to_contain_text("is running since")
    page.evaluate("document.body.dataset.mark = 'the same document'")

    gate.touch()

    expect(page.locator("#sentence")).to_contain_text("succeeded in")
    expect(page.locator(".live")).to_be_hidden()
    expect(page.locator("#announcer")).to_contain_text("succeeded")
    assert page.evaluate("document.body.dataset.mark") == "the same document"


def test_a_page_that_has_ended_asks_the_server_nothing_more(open_page, site, held):
    execution, gate = held
    gate.touch()
    page = open_page()
    page.goto(f"/executions/{execution.shown_id}")
    expect(page.locator("#sentence")).to_contain_text("succeeded")
    page.clock.install()
    asked = len(site.questions)

    page.clock.run_for(60_000)

    assert site.questions[asked:] == []


def test_what_is_open_and_has_the_focus_stays_over_refreshes(open_page, site, held):
    execution, gate = held
    page = open_page()
    wait_until(begun(gate).exists, what="the attempt")
    page.goto(f"/executions/{execution.shown_id}")
    page.locator("#events > summary").click()
    page.locator("#events > summary").focus()

    gate.touch()

    expect(page.locator("#sentence")).to_contain_text("succeeded")
    expect(page.locator("#events")).to_have_attribute("open", "")
    expect(page.locator("#events > summary")).to_be_focused()


def test_a_paused_page_rests_and_resumes(open_page, site, held):
    execution, gate = held
    page = open_page()
    wait_until(begun(gate).exists, what="the attempt")
    page.goto(f"/executions/{execution.shown_id}")
    expect(page.locator(".live")).to_have_text("Live")

    page.keyboard.press(".")
    expect(page.locator(".live")).to_have_text("Paused")
    gate.touch()
    wait_until(lambda: ended(execution), what="the end")
    expect(page.locator("#sentence")).to_contain_text("is running")
    page.keyboard.press(".")

    expect(page.locator("#sentence")).to_contain_text("succeeded")


def test_a_hidden_page_asks_nothing_until_it_is_seen_again(open_page, site, held):
    execution, gate = held
    page = open_page()
    wait_until(begun(gate).exists, what="the attempt")
    page.clock.install()
    page.goto(f"/executions/{execution.shown_id}")
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, writable: true})")
    asked = len(site.questions)

    page.clock.run_for(30_000)
    while_hidden = site.questions[asked:]
    page.evaluate("document.hidden = false")
    gate.touch()
    wait_until(lambda: ended(execution), what="the end")
    page.clock.run_for(3_000)

    assert while_hidden == []
    expect(page.locator("#sentence")).to_contain_text("succeeded")


def test_a_server_that_does_not_answer_makes_the_page_say_it_is_stale(open_page, site, held):
    execution, gate = held
    page = open_page()
    wait_until(begun(gate).exists, what="the attempt")
    page.goto(f"/executions/{execution.shown_id}")
    page.route("**/_live", lambda route: route.abort())

    expect(page.locator(".live")).to_contain_text("Stale since")
    page.unroute("**/_live")

    expect(page.locator(".live")).to_have_text("Live")
    gate.touch()
    expect(page.locator("#sentence")).to_contain_text("succeeded")
    # htmx tells its failed requests on the console; that is what this test is about.
    site.complaints[:] = [each for each in site.complaints if "htmx" not in each.lower()]


def test_new_executions_wait_behind_a_pill_and_rows_change_in_place(open_page, site, held):
    execution, gate = held
    page = open_page()
    wait_until(begun(gate).exists, what="the attempt")
    page.goto("/executions")
    row = page.locator(f"#row-{execution.shown_id}")
    expect(row).to_contain_text("running")

    gate.touch()
    executions.submit(action="probe-nothing", params={}, by=TESTER)

    expect(row).to_contain_text("succeeded")
    pill = page.get_by_role("link", name="1 new execution")
    expect(pill).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)
    pill.click()
    expect(page.locator("tbody tr")).to_have_count(2)


def test_an_expired_session_sends_a_live_page_to_the_login(open_page, site, held):
    execution, gate = held
    page = open_page()
    wait_until(begun(gate).exists, what="the attempt")
    page.goto(f"/executions/{execution.shown_id}")

    site.allowed.add(401)

    page.context.clear_cookies()

    expect(page).to_have_url(re.compile(r"/login\?next=%2Fexecutions%2Fexec_"))
    gate.touch()


def ended(execution) -> bool:
    execution.refresh_from_db()
    return execution.is_terminal
