"""What a template may ask of htmx, and how much a first page may weigh."""

import gzip
import re

import pytest

from tests.fixtures.pages import attributes
from tests.house import source

# A small vocabulary keeps the way to another version, or to none, short.
ALLOWED = {
    "hx-disable",
    "hx-get",
    "hx-headers:inherited",
    "hx-partial",
    "hx-post",
    "hx-ptag",
    "hx-status:403",
    "hx-status:404",
    "hx-status:409",
    "hx-status:422",
    "hx-swap",
    "hx-sync",
    "hx-target",
    "hx-trigger",
}
KILOBYTE = 1024
STATIC = source.ROOT / "static"


def templates_with(pattern: str) -> list[tuple[str, str]]:
    return [
        (source.place(path), found)
        for path in source.templates()
        for found in re.findall(pattern, path.read_text())
    ]


def test_templates_ask_htmx_only_for_what_is_agreed():
    used = {name for _, name in templates_with(r"\b(hx-[a-z]+(?::[a-z0-9]+)?)\b")}

    assert used <= ALLOWED


def test_no_trigger_has_a_filter_which_would_need_eval():
    assert templates_with(r'hx-trigger="[^"]*\[') == []


def test_a_form_that_htmx_sends_works_without_it():
    forms = templates_with(r"<form\b[^>]*hx-post[^>]*>")

    assert forms
    assert [
        form for form in forms if 'method="post"' not in form[1] or "action=" not in form[1]
    ] == []


def test_every_form_that_changes_something_carries_its_token():
    posting = {
        source.place(path): path.read_text()
        for path in source.templates()
        if 'method="post"' in path.read_text()
    }

    assert posting
    assert [place for place, text in posting.items() if "{% csrf_token %}" not in text] == []


@pytest.mark.parametrize(
    ("pattern", "limit"),
    [(r"css/.*\.css", 14), (r"js/.*\.js", 8), (r"vendor/.*\.js", 18)],
)
def test_what_every_page_loads_stays_light(pattern, limit):
    head = (source.ROOT / "templates" / "shared" / "_head.html").read_text()
    loaded = [
        name for name in re.findall(r"{% static '([^']+)' %}", head) if re.match(pattern, name)
    ]

    weight = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in loaded)

    assert 0 < weight <= limit * KILOBYTE


def test_a_full_list_stays_light(signed_in, engine):
    for number in range(50):
        engine.submit("probe-mark", name=f"usr_{number}")

    answer = signed_in().get("/executions")

    assert len([name for name in attributes(answer, "id") if name.startswith("row-")]) == 50
    assert len(gzip.compress(answer.content)) <= 12 * KILOBYTE
