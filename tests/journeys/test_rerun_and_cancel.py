"""Re-running and cancelling with the mouse and with the keyboard."""

import re

from playwright.sync_api import expect

from actions import executions
from actions.models import Execution
from tests.fixtures.engine import TESTER
from tests.fixtures.waiting import wait_until
from tests.journeys.conftest import open_address


def failed(open_page, role="operator"):
    """A page of an execution that failed."""
    submitted = executions.submit(action="probe-decline", params={}, by=TESTER)
    page = open_page(role)
    wait_until(lambda: status_of(submitted.execution) == "failed", what="the failure")
    open_address(page, f"/executions/{submitted.execution.shown_id}")
    return page, submitted.execution


def status_of(execution: Execution) -> str:
    return Execution.objects.get(id=execution.id).status


def test_a_double_click_on_rerun_makes_one_execution(open_page, site):
    page, old = failed(open_page)
    page.locator(".lead").get_by_role("link", name="Re-run…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("It failed and left nothing behind")

    dialog.get_by_role("button", name="Re-run 1 action").dblclick()

    expect(page.locator(".kicker")).to_contain_text("Failed")
    expect(page.get_by_text("Re-run of")).to_be_visible()
    assert Execution.objects.filter(rerun_of=old).count() == 1


def test_two_tabs_with_the_same_form_make_one_execution(open_page, site):
    page, old = failed(open_page)
    page.goto(f"/executions/{old.shown_id}/rerun")
    form = page.content()

    page.get_by_role("button", name="Re-run 1 action").click()
    expect(page.get_by_text("Re-run of")).to_be_visible()
    first = page.url
    page.set_content(form)
    page.get_by_role("button", name="Re-run 1 action").click()

    expect(page).to_have_url(first)
    assert Execution.objects.filter(rerun_of=old).count() == 1


def test_the_keyboard_alone_reruns_with_a_reason(open_page, site):
    page, old = failed(open_page)

    page.keyboard.press("r")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").focus()
    page.keyboard.type("the card is fine now")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Re-run of")).to_be_visible()
    new = Execution.objects.get(rerun_of=old)
    assert page.url.endswith(new.shown_id)


def test_escape_closes_the_dialog_and_gives_the_focus_back(open_page, site):
    page, _ = failed(open_page)
    button = page.locator(".lead").get_by_role("link", name="Re-run…")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()


def test_a_dialog_that_cannot_be_fetched_is_opened_as_a_page(open_page, site):
    page, old = failed(open_page)
    page.route("**/_rerun", lambda route: route.fulfill(status=503))
    site.allowed.add(503)

    page.locator(".lead").get_by_role("link", name="Re-run…").click()

    expect(page).to_have_url(f"{site.url}/executions/{old.shown_id}/rerun")
    expect(page.get_by_role("button", name="Re-run 1 action")).to_be_visible()


def test_a_press_without_an_answer_says_that_it_may_be_repeated(open_page, site):
    page, old = failed(open_page)
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog")
    page.route("**/rerun", lambda route: route.fulfill(status=503))
    site.allowed.add(503)

    dialog.get_by_role("button", name="Re-run 1 action").click()
    expect(dialog).to_contain_text("it is not known whether the re-run started")
    page.unroute("**/rerun")
    dialog.get_by_role("button", name="Re-run 1 action").click()

    expect(page.get_by_text("Re-run of")).to_be_visible()
    assert Execution.objects.filter(rerun_of=old).count() == 1


def test_wrong_params_are_told_inside_the_dialog(open_page, site):
    submitted = executions.submit(
        action="probe-flaky", params={"name": "one", "fail_times": 0}, by=TESTER
    )
    page = open_page()
    wait_until(lambda: status_of(submitted.execution) == "succeeded", what="the end")
    open_address(page, f"/executions/{submitted.execution.shown_id}")
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Edit", exact=True).click()
    dialog.get_by_label("fail_times").fill("many")
    site.allowed.add(422)

    dialog.get_by_role("button", name="Re-run 1 action").click()

    expect(dialog).to_contain_text("“many” is not a whole number.")
    expect(dialog.get_by_label("fail_times")).to_have_attribute("aria-invalid", "true")


def test_a_running_execution_is_asked_to_stop_and_the_page_shows_that_it_did(
    open_page, site, tmp_path
):
    params = {"gate": str(tmp_path / "gate")}
    execution = executions.submit(
        action="probe-wait-for-cancel", params=params, by=TESTER
    ).execution
    page = open_page()
    wait_until(lambda: status_of(execution) == "running", what="the attempt")
    open_address(page, f"/executions/{execution.shown_id}")

    page.locator(".lead").get_by_role("link", name="Cancel…").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("ordered twice")
    page.get_by_role("button", name="Ask it to stop").click()

    expect(page.locator(".kicker")).to_contain_text("Cancelled")
    expect(page.locator("#sentence")).to_contain_text("was cancelled by the-operator")


def test_an_action_is_executed_from_its_form_by_keyboard(open_page, site):
    page = open_page()
    page.goto("/executions")
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.get_by_role("link", name="create-user-record").click()
    page.get_by_label("email").fill("ada@example.com")
    page.get_by_label("name", exact=True).fill("Ada")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/executions/exec_"))
    expect(page.locator("#sentence")).to_contain_text("succeeded")


def test_a_double_click_on_execute_makes_one_execution(open_page, site):
    page = open_page()
    page.goto("/actions/probe-nothing")

    page.get_by_role("button", name="Execute probe-nothing").dblclick()

    expect(page.locator("#sentence")).to_contain_text("succeeded")
    assert Execution.objects.count() == 1
