"""Texts that come from outside may be long and without a space; no page becomes wider for them."""

import pytest

from tests.fixtures.engine import TESTER
from tests.fixtures.waiting import wait_until
from tests.journeys.conftest import PHONE, WIDE
from workflows import definitions, runs
from workflows.models import Run

NAME = "a" + "_long" * 12 + "_x"
LONG = "x" * 2_000
URL = f"https://example.invalid/{'path/' * 10}?{'y' * 100}"
PARAMS = {
    "type": "object",
    "properties": {
        "subject": {"type": "string", "description": LONG, "title": "T" * 80},
        NAME: {"type": "string"},
    },
}
# Wider than the window: by how much, and what begins to be so.
EXCESS = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return "";
    const wide = [...document.querySelectorAll("body *")].filter(
        (each) => each.getBoundingClientRect().right > width + 1 && !each.closest(".vh"));
    return document.documentElement.scrollWidth + ": " + wide.slice(0, 3).map(
        (each) => each.tagName + "." + each.className + " " + each.textContent.trim().slice(0, 30));
}"""


@pytest.fixture
def addresses(site) -> list[str]:
    """The pages on which long texts are."""
    form = {"type": "object", "properties": {"days": {"type": "string", "description": LONG}}}
    steps = {NAME: {"approval": {"message": LONG, "form": form}, "description": LONG}}
    document = {"workflow": "long", "description": LONG, "params": PARAMS, "steps": steps}
    definitions.create(document, by=TESTER)
    version = definitions.publish("long", by=TESTER, message=URL).version
    asking, failed = (
        runs.start(version=version, params={"subject": LONG[:200]}, by=TESTER) for _ in range(2)
    )
    wait_until(lambda: Run.objects.filter(status="waiting").count() == 2, what="two questions")
    runs.answer(run_id=failed.id, step=NAME, decision="rejected", comment=URL, by=TESTER)
    asked, again = f"/runs/{asking.shown_id}", f"/runs/{failed.shown_id}"
    return [
        *("/runs", "/approvals", asked, f"{asked}/steps/{NAME}/answer", f"{asked}/cancel"),
        *(again, f"{again}/rerun?what=whole", f"{again}/steps/{NAME}/again"),
        *("/workflows", "/workflows/long", "/workflows/long/run", "/workflows/long/versions/1"),
        "/workflows/long/diff?from=1&to=draft",
    ]


def test_no_page_is_wider_than_its_window(open_page, addresses):
    page, found = open_page("admin"), {}
    for address in addresses:
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        for size in (WIDE, PHONE):
            page.set_viewport_size(size)
            if excess := page.evaluate(EXCESS):
                found[address, size["width"]] = excess

    assert not found, "\n".join(f"{place}: {excess}" for place, excess in found.items())
