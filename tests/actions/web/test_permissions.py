"""Which right each page needs: the table, and that nothing is outside of it."""

import pytest
from django.urls import reverse

from actions import access
from actions.models import ApiKey, AuditEvent, IdempotencyRecord, Secret
from actions.vault import boxes
from actions.web.urls import pages
from tests.fixtures.pages import attributes, words

# (page, method): the right. It is what the same call over the API needs.
PAGES = {
    ("executions", "GET"): "executions:read",
    ("executions-live", "GET"): "executions:read",
    ("execution", "GET"): "executions:read",
    ("execution-live", "GET"): "executions:read",
    ("execution-rerun", "GET"): "executions:write",
    ("execution-rerun", "POST"): "executions:write",
    ("execution-rerun-dialog", "GET"): "executions:write",
    ("execution-cancel", "GET"): "executions:write",
    ("execution-cancel", "POST"): "executions:write",
    ("execution-cancel-dialog", "GET"): "executions:write",
    ("actions", "GET"): "actions:read",
    ("action", "GET"): "actions:read",
    ("action", "POST"): "actions:execute",
    ("keys", "GET"): "executions:read",
    ("key", "GET"): "executions:read",
    ("key-release", "GET"): "executions:write",
    ("key-release", "POST"): "executions:write",
    ("audit", "GET"): "admin",
    ("api-keys", "GET"): "admin",
    ("api-key-new", "GET"): "admin",
    ("api-key-new", "POST"): "admin",
    ("api-key", "GET"): "admin",
    ("api-key-revoke", "GET"): "admin",
    ("api-key-revoke", "POST"): "admin",
    ("secrets", "GET"): "admin",
    ("secret-new", "GET"): "admin",
    ("secret-new", "POST"): "admin",
    ("secret", "GET"): "admin",
    ("secret-value", "GET"): "admin",
    ("secret-value", "POST"): "admin",
    ("secret-readers", "GET"): "admin",
    ("secret-readers", "POST"): "admin",
    ("secret-remove", "GET"): "admin",
    ("secret-remove", "POST"): "admin",
}
# Pages for which nobody need be known: the way to the first one, and a browser's own choices.
PUBLIC = {"home", "preferences"}
ROLE_BELOW = {
    "admin": "editor",
    "executions:write": "viewer",
    "actions:execute": "viewer",
}


@pytest.fixture(autouse=True)
def fresh():
    """Keys are kept by each process; the next test has others."""
    boxes.forget()
    yield
    boxes.forget()


def rights_asked() -> dict[tuple[str, str], str]:
    """What the pages themselves ask for."""
    found = {}
    for each in pages:
        views = getattr(each.callback, "by_method", {"GET": each.callback})
        found |= {
            (each.name, method): getattr(view, "permission", "")
            for method, view in views.items()
            if each.name not in PUBLIC
        }
    return found


def test_every_page_asks_for_the_right_in_the_table():
    assert rights_asked() == PAGES


def address(name: str) -> str:
    """The address of a page; what it is about need not be there."""
    pattern = next(str(each.pattern) for each in pages if each.name == name)
    given = {"number": 1} if "<int:number>" in pattern else {}
    for word in ("shown_id", "name", "prefix"):
        if f"<str:{word}>" in pattern:
            given[word] = "exec_00000000000000000000000000"
    return reverse(f"web:{name}", kwargs=given)


def stored() -> tuple[int, ...]:
    kept = (ApiKey, AuditEvent, IdempotencyRecord, Secret)
    return tuple(model.objects.count() for model in kept)


@pytest.mark.parametrize(
    "row", [row for row in sorted(PAGES) if PAGES[row] in ROLE_BELOW], ids="-".join
)
def test_without_the_right_a_page_says_which_is_missing(signed_in, row):
    name, method = row
    right = PAGES[row]
    client = signed_in(ROLE_BELOW[right])
    before = stored()

    answer = getattr(client, method.lower())(address(name))

    assert answer.status_code == 403
    assert f"it needs the right {right}" in words(answer)
    assert stored() == before


@pytest.mark.parametrize("role", list(access.ROLES))
def test_the_navigation_leads_where_the_reader_may_go(signed_in, engine, role):
    client = signed_in(role)

    links = set(attributes(client.get("/executions"), "href"))

    mine = {"/idempotency", *(("/audit", "/api-keys", "/secrets") if role == "admin" else ())}
    assert links & {"/idempotency", "/audit", "/api-keys", "/secrets"} == mine
    assert [client.get(link).status_code for link in mine] == [200] * len(mine)


def test_a_refusal_keeps_the_way_to_the_other_pages(signed_in):
    answer = signed_in("viewer").get("/secrets")

    assert "Ask an administrator" in words(answer)
    assert "/idempotency" in attributes(answer, "href")
