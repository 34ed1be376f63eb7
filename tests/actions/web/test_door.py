"""The way into the pages: signing in, rights, refusals, and what a browser may keep."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.fixtures.pages import words

PAGES = ["/executions", "/executions/_live?newest=", "/actions"]


@pytest.mark.parametrize("path", PAGES)
def test_somebody_unknown_is_asked_to_sign_in_and_comes_back(cloned_database, path):
    answer = Client().get(path)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/login?next=/")


def test_a_fragment_of_an_expired_session_sends_the_whole_page_to_the_login(cloned_database):
    answer = Client().get(
        "/executions/_live",
        headers={
            "HX-Request": "true",
            "HX-Current-URL": "http://testserver/executions?status=failed",
        },
    )

    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/login?next=%2Fexecutions%3Fstatus%3Dfailed"
    assert answer.content == b""


def test_somebody_without_a_role_is_told_which_right_is_missing(cloned_database):
    client = Client()
    client.force_login(User.objects.create_user("nobody-yet"))

    answer = client.get("/executions")

    assert answer.status_code == 403
    assert "it needs the right executions:read" in words(answer)


def test_an_execution_that_is_not_there_is_a_page_that_says_so(signed_in):
    answer = signed_in().get("/executions/exec_00000000000000000000000000")

    assert answer.status_code == 404
    assert "There is no execution exec_00000000000000000000000000" in words(answer)


def test_a_refused_fragment_is_a_dialog_and_not_a_page(signed_in):
    answer = signed_in().get("/executions/exec_nonsense/_rerun", headers={"HX-Request": "true"})

    assert answer.status_code == 404
    assert answer.content.decode().lstrip().startswith("<dialog")


def test_a_page_is_never_kept_by_a_shared_cache(signed_in):
    answer = signed_in().get("/actions")

    assert "private" in answer["Cache-Control"]
    assert "no-cache" in answer["Cache-Control"]
    assert "HX-Request" in answer["Vary"]


def test_an_unknown_address_is_a_page_with_a_way_on(signed_in):
    answer = signed_in().get("/nowhere/<b>")

    assert answer.status_code == 404
    assert "There is no page at /nowhere/<b>" in words(answer)
    assert b"<b>" not in answer.content
    assert b'href="/executions"' in answer.content


def test_the_first_page_leads_to_the_executions(signed_in):
    answer = signed_in().get("/")

    assert answer["Location"] == "/executions"


def test_a_form_without_its_token_changes_nothing(signed_in, engine):
    execution = engine.submit("probe-nothing")
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in().cookies

    answer = client.post(f"/executions/{execution.shown_id}/cancel")

    execution.refresh_from_db()
    assert answer.status_code == 403
    assert execution.status == "queued"
