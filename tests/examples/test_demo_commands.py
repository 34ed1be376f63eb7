"""The commands and the button that switch the demo's mail server."""

import stat

import pytest
from django.contrib.messages import get_messages
from django.core.management import CommandError, call_command
from django.test import Client

from actions import access
from actions.actors import SYSTEM
from onboarding.demo import accounts, control, mail_state
from onboarding.demo.shelf import read_json, write_atomically

pytestmark = pytest.mark.urls("tests.examples.demo_urls")


@pytest.fixture
def operator(db, settings) -> Client:
    return signed_in("operator", settings)


def signed_in(role: str, settings) -> Client:
    settings.ACTIONSITE_DEMO = True
    client = Client()
    client.force_login(
        access.create_user(username="ops", password="a long one", role=role, by=SYSTEM)
    )
    return client


def test_demo_mail_starts_shows_and_stops_the_server(services, capsys):
    for turn in ("start", "status", "stop"):
        call_command("demo_mail", turn)

    lines = capsys.readouterr().out.splitlines()
    assert [line.rsplit(" ", 1)[1] for line in lines] == ["up.", "up.", "down."]
    assert not mail_state().is_up


def test_demo_mail_without_services_says_how_to_start_them(stage):
    with pytest.raises(CommandError, match=r"manage\.py up"):
        call_command("demo_mail", "start")


def test_an_operator_starts_the_mail_server_and_returns_to_the_page(services, operator):
    answer = operator.post("/demo/mail", {"turn": "start", "next": "/executions?status=failed"})

    assert (answer.status_code, answer.url) == (302, "/executions?status=failed")
    assert control.mail()["is_up"]


def test_the_button_leads_to_no_foreign_site(services, operator):
    answer = operator.post("/demo/mail", {"turn": "stop", "next": "//evil.example/"})

    assert answer.url == "/"


def test_services_that_do_not_answer_are_a_message_not_an_error(stage, operator):
    answer = operator.post("/demo/mail", {"turn": "start"})

    [message] = get_messages(answer.wsgi_request)
    assert "do not answer" in str(message)


def test_an_unknown_turn_changes_nothing(services, operator):
    answer = operator.post("/demo/mail", {"turn": "explode"})

    assert answer.status_code == 302
    assert not mail_state().was_ever_switched


def test_a_viewer_may_not_switch(stage, db, settings):
    answer = signed_in("viewer", settings).post("/demo/mail", {"turn": "start"})

    assert answer.status_code == 403


def test_nobody_switches_without_a_login_or_by_get(stage, operator):
    assert Client().post("/demo/mail", {"turn": "start"}).status_code == 302
    assert operator.get("/demo/mail").status_code == 405
    assert not mail_state().was_ever_switched


def test_a_foreign_form_is_refused(stage, operator):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = operator.cookies

    assert strict.post("/demo/mail", {"turn": "start"}).status_code == 403


def test_outside_the_demo_there_is_no_button(stage, operator, settings):
    settings.ACTIONSITE_DEMO = False

    assert operator.post("/demo/mail", {"turn": "start"}).status_code == 404


def comes_in(client, user: dict[str, str]) -> bool:
    """Whether the login page takes the name and the password of that user."""
    client.logout()
    given = {"username": user["username"], "password": user["password"]}
    return client.post("/login", given).status_code == 302


@pytest.mark.django_db
def test_the_accounts_let_each_role_in_and_stay_over_a_second_start(tmp_path, client):
    actor = accounts.ensure(tmp_path)
    kept = read_json(tmp_path / accounts.FILE)

    again = accounts.ensure(tmp_path)

    assert again == actor
    assert read_json(tmp_path / accounts.FILE) == kept
    assert {user["role"] for user in kept["users"]} == set(access.ROLES)
    assert all(comes_in(client, user) for user in kept["users"])
    assert access.authenticate(kept["api_key"]).may("actions:execute")


def test_a_key_that_may_too_little_is_replaced(tmp_path, db):
    _, weak = access.create_key(name="crm", scopes=["actions:read"], by=SYSTEM)
    write_atomically(tmp_path / accounts.FILE, {"users": [], "api_key": weak})

    accounts.ensure(tmp_path)

    kept = read_json(tmp_path / accounts.FILE)["api_key"]
    assert access.authenticate(kept).may("runs:write")


def test_only_the_owner_can_read_the_accounts(tmp_path, db):
    accounts.ensure(tmp_path)

    assert stat.S_IMODE((tmp_path / accounts.FILE).stat().st_mode) == 0o600


def test_lost_accounts_are_made_again(tmp_path, db, client):
    accounts.ensure(tmp_path)
    (tmp_path / accounts.FILE).unlink()

    accounts.ensure(tmp_path)

    [demo] = [u for u in read_json(tmp_path / accounts.FILE)["users"] if u["username"] == "demo"]
    assert comes_in(client, demo)
