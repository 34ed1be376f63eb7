"""The documents name what exists: a page for each problem, the moves as they are, links that lead.

A document that disagrees with the code is worse than none.
"""

import re

import pytest

from actions import errors
from actions.states import MOVES
from actionsite.problems.catalogue import KINDS
from tests.house import source

DOCS = source.ROOT / "docs"
PROBLEMS = DOCS / "problems"
MARKDOWN = [
    *sorted(DOCS.rglob("*.md")),
    *(source.ROOT / name for name in ("README.md", "CHANGELOG.md", "conformance/README.md")),
    *(source.ROOT / "sdk" / language / "README.md" for language in ("js", "python")),
]
DECISION_PARTS = ["Context", "Decision", "Consequences", "Turned down"]
STATE_DIAGRAM = re.compile(r"```mermaid\nstateDiagram-v2\n(.*?)```", re.DOTALL)


def test_every_problem_has_a_page_and_every_page_a_problem():
    assert sorted(problem_pages()) == sorted(KINDS)


def test_every_refusal_has_a_page():
    missing = {refusal.code for refusal in refusals()} - set(problem_pages())

    assert missing == set()


@pytest.mark.parametrize("path", sorted(PROBLEMS.glob("[!R]*.md")), ids=lambda path: path.stem)
def test_a_problem_page_says_when_and_what_to_do(path):
    text = path.read_text()

    assert text.startswith(f"# {path.stem}\n\n{status_line(path.stem)}\n\n## When\n")
    assert headings(text) == ["When", "What to do"]


def test_the_state_diagram_shows_the_moves_that_are_allowed():
    diagram = STATE_DIAGRAM.search((DOCS / "architecture.md").read_text())
    assert diagram, "docs/architecture.md has no mermaid state diagram"

    drawn = {tuple(move.split(" --> ")) for move in re.findall(r"\w+ --> \w+", diagram[1])}

    assert drawn == {(str(old), str(new)) for old, targets in MOVES.items() for new in targets}


@pytest.mark.parametrize("path", sorted((DOCS / "adr").glob("*.md")), ids=lambda path: path.stem)
def test_a_decision_record_has_its_four_parts(path):
    number = int(path.stem[:4])

    assert path.read_text().startswith(f"# {number}. ")
    assert headings(path.read_text()) == DECISION_PARTS


@pytest.mark.parametrize("path", MARKDOWN, ids=source.place)
def test_links_lead_to_files(path):
    targets = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", path.read_text())

    lost = [target for target in targets if not (path.parent / target).exists()]

    assert not lost, source.listed(lost)


@pytest.mark.parametrize("path", MARKDOWN, ids=source.place)
def test_files_named_in_documents_exist(path):
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.[a-z]+)`", path.read_text())

    lost = [name for name in named if not (source.ROOT / name).exists()]

    assert not lost, source.listed(lost)


@pytest.mark.parametrize("path", MARKDOWN, ids=source.place)
def test_make_targets_named_in_documents_exist(path):
    targets = set(re.findall(r"^([a-z-]+):", (source.ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"\bmake ([a-z-]+)`", path.read_text())) <= targets


@pytest.mark.parametrize("path", MARKDOWN, ids=source.place)
def test_commands_named_in_documents_exist(path):
    ours = {file.stem for file in source.files(".py") if file.parent.name == "commands"}

    named = set(re.findall(r"manage\.py ([a-z_]+)", path.read_text()))

    assert named <= ours | {"migrate", "check", "collectstatic", "axes_reset_username"}


def test_the_changelog_collects_what_is_unreleased():
    assert "Unreleased" in headings((source.ROOT / "CHANGELOG.md").read_text())


def refusals() -> set[type[errors.Refusal]]:
    """Every kind of refusal below Refusal itself."""
    found: set[type[errors.Refusal]] = set()
    waiting = [errors.Refusal]
    while waiting:
        children = set(waiting.pop().__subclasses__())
        found |= children
        waiting += children
    return found


def status_line(code: str) -> str:
    """How the page of a problem begins; what it says of retries is what the API says."""
    can_help = "yes" if KINDS[code].retry_after is not None else "no"
    return f"HTTP {KINDS[code].status}. Sending the same request again can help: {can_help}."


def problem_pages() -> list[str]:
    return [path.stem for path in PROBLEMS.glob("*.md") if path.stem != "README"]


def headings(text: str) -> list[str]:
    """The second-level headings of a document, in order."""
    return re.findall(r"^## (.+)$", text, re.MULTILINE)
