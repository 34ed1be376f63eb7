"""Which right each page needs: the table, and that nothing is outside of it."""

import pytest
from django.urls import reverse

from tests.fixtures.pages import attributes, words
from workflows.web.rights import READ_RUNS, READ_WORKFLOWS, WRITE_RUNS, WRITE_WORKFLOWS
from workflows.web.urls import pages

# (page, method): the right.
PAGES = {
    ("runs", "GET"): READ_RUNS,
    ("run", "GET"): READ_RUNS,
    ("run-live", "GET"): READ_RUNS,
    ("run-rerun", "GET"): WRITE_RUNS,
    ("run-rerun", "POST"): WRITE_RUNS,
    ("run-cancel", "GET"): WRITE_RUNS,
    ("run-cancel", "POST"): WRITE_RUNS,
    ("run-pause", "GET"): WRITE_RUNS,
    ("run-pause", "POST"): WRITE_RUNS,
    ("run-resume", "GET"): WRITE_RUNS,
    ("run-resume", "POST"): WRITE_RUNS,
    ("step-again", "GET"): WRITE_RUNS,
    ("step-again", "POST"): WRITE_RUNS,
    # Who may answer is said by the step.
    ("step-answer", "GET"): READ_RUNS,
    ("step-answer", "POST"): READ_RUNS,
    ("bulk-reruns", "GET"): READ_RUNS,
    ("bulk-rerun-new", "GET"): WRITE_RUNS,
    ("bulk-rerun-new", "POST"): WRITE_RUNS,
    ("bulk-rerun", "GET"): READ_RUNS,
    ("bulk-rerun-live", "GET"): READ_RUNS,
    ("bulk-rerun-stop", "GET"): WRITE_RUNS,
    ("bulk-rerun-stop", "POST"): WRITE_RUNS,
    ("approvals", "GET"): READ_RUNS,
    ("workflows", "GET"): READ_WORKFLOWS,
    ("workflow", "GET"): READ_WORKFLOWS,
    ("workflow-run", "GET"): WRITE_RUNS,
    ("workflow-run", "POST"): WRITE_RUNS,
    ("version", "GET"): READ_WORKFLOWS,
    ("version-diff", "GET"): READ_WORKFLOWS,
    ("version-activate", "GET"): WRITE_WORKFLOWS,
    ("version-activate", "POST"): WRITE_WORKFLOWS,
}
ROLE_BELOW = {WRITE_RUNS: "viewer", WRITE_WORKFLOWS: "operator"}


def rights_asked() -> dict[tuple[str, str], str]:
    """What the pages themselves ask for."""
    return {
        (each.name, method): getattr(view, "permission", "")
        for each in pages
        for method, view in getattr(each.callback, "by_method", {"GET": each.callback}).items()
    }


def test_every_page_asks_for_the_right_in_the_table():
    assert rights_asked() == PAGES


def address(name: str) -> str:
    """The address of a page; what it is about need not be there."""
    pattern = next(str(each.pattern) for each in pages if each.name == name)
    given = {"number": 1} if "<int:number>" in pattern else {}
    named = {word: "nowhere" for word in ("shown_id", "name", "step") if f"<str:{word}>" in pattern}
    return reverse(f"workflows-web:{name}", kwargs=given | named)


@pytest.mark.parametrize(
    "row", [row for row in sorted(PAGES) if PAGES[row] in ROLE_BELOW], ids="-".join
)
def test_without_the_right_a_page_says_which_is_missing(signed_in, row):
    name, method = row
    client = signed_in(ROLE_BELOW[PAGES[row]])

    answer = getattr(client, method.lower())(address(name))

    assert answer.status_code == 403
    assert f"it needs the right {PAGES[row]}" in words(answer)


@pytest.mark.parametrize("role", ["viewer", "operator", "editor", "admin"])
def test_the_navigation_leads_to_the_pages(signed_in, engine, role):
    client = signed_in(role)

    links = {"/runs", "/approvals", "/workflows"} & set(attributes(client.get("/runs"), "href"))

    assert [client.get(link).status_code for link in sorted(links)] == [200] * 3
