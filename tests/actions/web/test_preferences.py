"""The theme and the zone of one browser."""

import pytest
from django.test import Client

from tests.fixtures.pages import attributes, words


def test_the_chosen_theme_is_drawn_by_the_server(signed_in):
    client = signed_in()

    answer = client.post("/preferences", {"theme": "dark", "next": "/actions"})

    assert answer["Location"] == "/actions"
    assert attributes(client.get("/actions"), "data-theme") == ["dark"]


def test_the_systems_theme_leaves_the_choice_to_the_browser(signed_in):
    client = signed_in()
    client.post("/preferences", {"theme": "dark"})

    client.post("/preferences", {"theme": "system"})

    assert attributes(client.get("/actions"), "data-theme") == []


def test_times_are_in_the_chosen_zone_with_its_name(signed_in, engine):
    execution = engine.submit("probe-nothing")
    client = signed_in()

    client.post("/preferences", {"zone": "Asia/Kolkata"})

    assert "IST" in words(client.get(f"/executions/{execution.shown_id}"))


@pytest.mark.parametrize("field", [{"zone": "Mars/Olympus"}, {"theme": "pink"}, {}])
def test_what_does_not_exist_is_not_remembered(signed_in, field):
    answer = signed_in().post("/preferences", field)

    assert not {"zone", "theme"} & answer.cookies.keys()


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", ""])
def test_nobody_is_led_to_another_site(signed_in, target):
    answer = signed_in().post("/preferences", {"theme": "dark", "next": target})

    assert answer["Location"] == "/"


def test_a_cookie_with_nonsense_falls_back_to_utc(signed_in, engine):
    engine.submit("probe-nothing")
    client = signed_in()
    client.cookies["zone"] = "../../etc/passwd"

    answer = client.get("/executions")

    assert answer.context["shell"].zone == "UTC"


def test_the_login_page_names_the_environment_and_needs_nobody(cloned_database):
    answer = Client().get("/login")

    assert answer.status_code == 200
    assert "Sign in to testserver" in words(answer)
    assert "Production" in words(answer)


def test_a_wrong_password_is_told_and_the_name_stays(signed_in):
    answer = Client().post("/login", {"username": "mira", "password": "wrong"})

    assert "Not signed in." in words(answer)
    assert "mira" in attributes(answer, "value")
