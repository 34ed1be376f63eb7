"""Nobody guesses passwords at the login page, and nobody learns there who has an account."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory, override_settings
from psycopg import sql

from actions import access, logins
from actions.actors import SYSTEM
from actions.models import AuditEvent
from actionsite.login.address import address_of
from tests.fixtures.pages import attributes, words

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)  # in the past: ids never go back
RIGHT, WRONG = "correct horse 9", "hunter2-hunter2"
LIMIT = 3
COOLOFF = timedelta(minutes=15)

limited = override_settings(AXES_FAILURE_LIMIT=LIMIT, AXES_COOLOFF_TIME=COOLOFF)


@pytest.fixture
def ada(cloned_database) -> User:
    with limited:
        yield access.create_user(username="ada", password=RIGHT, role="viewer", by=SYSTEM)


def enter(password: str, *, name: str = "ada", at: str = "203.0.113.7", **sent: str):
    """One try in a fresh browser."""
    form = {"username": name, "password": password, "next": "/actions"}
    headers = {"User-Agent": "Firefox"} | sent
    return Client(REMOTE_ADDR=at).post("/login", form, headers=headers)


def fail(count: int = LIMIT, **other: str) -> list[int]:
    return [enter(WRONG, **other).status_code for _ in range(count)]


def series() -> list[str]:
    found = AuditEvent.objects.filter(verb="login.refused").order_by("id")
    return [one.object_label for one in found]


def test_after_so_many_failures_the_right_password_is_refused_too(ada):
    assert fail() == [200, 200, 429]

    assert enter(RIGHT).status_code == 429
    assert enter(WRONG).status_code == 429


def test_the_page_says_what_happened_and_when_to_try_again(ada):
    with time_machine.travel(NOON, tick=False):
        fail()
        answer = enter(RIGHT)

    assert answer["Retry-After"] == "900"
    assert "Too many tries with this user name have failed at your address." in words(answer)
    assert "Until 12:15:00 UTC no more are taken, not even with the right password" in words(answer)
    assert "Try again then, in 15 min, or ask an administrator" in words(answer)
    assert "no-store" in answer["Cache-Control"]


def test_the_time_is_in_the_zone_of_the_reader(ada):
    with time_machine.travel(NOON, tick=False):
        fail(LIMIT - 1)
        client = Client(REMOTE_ADDR="203.0.113.7")
        client.cookies["zone"] = "Europe/Berlin"
        answer = client.post("/login", {"username": "ada", "password": WRONG})

    assert "Until 13:15:00 CET" in words(answer)


def test_the_way_back_is_kept_on_the_page_that_refuses(ada):
    fail()

    assert "/actions" in attributes(enter(RIGHT), "value")
    assert "ada" in attributes(enter(RIGHT), "value")


@pytest.mark.parametrize("other", [{"at": "203.0.113.8"}, {"at": "2001:db8::1"}])
def test_another_address_is_not_refused(ada, other):
    fail()

    answer = enter(RIGHT, **other)

    assert (answer.status_code, answer["Location"]) == (302, "/actions")


def test_another_user_name_is_not_refused(ada):
    access.create_user(username="bo", password=RIGHT, role="viewer", by=SYSTEM)
    fail()

    assert enter(RIGHT, name="bo").status_code == 302


def test_the_right_password_sets_the_count_to_nothing(ada):
    for _ in range(3):
        assert fail(LIMIT - 1) == [200, 200]
        assert enter(RIGHT).status_code == 302


def test_the_cooloff_ends_and_tries_in_it_do_not_make_it_longer(ada):
    with time_machine.travel(NOON, tick=False) as clock:
        fail()
        clock.move_to(NOON + COOLOFF - timedelta(seconds=1))
        assert enter(RIGHT)["Retry-After"] == "1"

        clock.move_to(NOON + COOLOFF + timedelta(seconds=1))

        assert enter(RIGHT).status_code == 302


def test_a_user_name_that_nobody_has_is_answered_alike(ada):
    with time_machine.travel(NOON, tick=False):
        tries = [(enter(WRONG), enter(WRONG, name="eva")) for _ in range(LIMIT + 1)]

    for one, other in tries:
        assert one.status_code == other.status_code
        assert one.get("Retry-After") == other.get("Retry-After")
        assert anonymous(one) == anonymous(other)


def anonymous(answer) -> str:
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return text.replace('value="eva"', 'value="ada"')


def test_other_headers_and_browsers_change_nothing(ada):
    forged = [
        {"X-Forwarded-For": f"198.51.100.{number}", "User-Agent": f"Browser {number}"}
        for number in range(LIMIT)
    ]
    forged[1] |= {"Forwarded": "for=198.51.100.9", "X-Real-IP": "198.51.100.9"}

    assert [enter(WRONG, **sent).status_code for sent in forged] == [200, 200, 429]
    assert enter(RIGHT, **{"X-Forwarded-For": "192.0.2.1"}).status_code == 429


@pytest.mark.parametrize(
    ("trusted", "forwarded"),
    [("", "192.0.2.{}"), ("127.0.0.1", "192.0.2.{}, 203.0.113.7")],
    ids=["no-proxy", "proxy"],
)
def test_a_real_server_believes_only_what_its_proxy_says(ada, web_server, trusted, forwarded):
    env = {"FORWARDED_ALLOW_IPS": trusted, "ACTIONSITE_LOGIN_FAILURES_MAX": str(LIMIT)}
    url = web_server(env=env).url

    answers = [over_http(url, forwarded.format(number)) for number in range(LIMIT)]

    assert answers == [200, 200, 429]
    address = AuditEvent.objects.get(verb="login.refused").data["address"]
    assert address == ("203.0.113.7" if trusted else "127.0.0.1")


def over_http(url: str, forwarded: str) -> int:
    with httpx2.Client(base_url=url, headers={"X-Forwarded-For": forwarded}) as client:
        token = token_on(client.get("/login").text)
        form = {"username": "ada", "password": WRONG, "csrfmiddlewaretoken": token}
        return client.post("/login", data=form, headers={"Origin": url}).status_code


def token_on(page: str) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::7", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("/run/web.sock", None),
        ("", None),
    ],
)
def test_a_network_that_one_subscriber_has_counts_as_one_address(remote, address):
    assert address_of(RequestFactory(REMOTE_ADDR=remote).get("/login")) == address


def test_a_server_that_knows_no_addresses_counts_by_the_user_name(ada):
    assert fail(at="unix:") == [200, 200, 429]
    assert enter(RIGHT, at="unix:").status_code == 429


def test_a_refused_series_is_noted_once_as_it_begins(ada, caplog):
    with time_machine.travel(NOON, tick=False):
        assert (fail(LIMIT - 1), series()) == ([200, 200], [])
        fail(3)

    one = AuditEvent.objects.get(verb="login.refused")
    assert (one.actor_kind, one.object_kind, one.object_label) == ("system", "login", "ada")
    assert one.request_id.startswith("req_")
    assert one.data == {
        "address": "203.0.113.7",
        "failures": LIMIT,
        "ends_at": "2026-01-05T12:15:00+00:00",
    }
    [line] = caplog.messages
    assert line.startswith(
        "Signing in as 'ada' from 203.0.113.7 is refused until 2026-01-05T12:15:"
    )
    assert line.endswith(", after 3 failures.")


def test_the_audit_log_tells_it_in_words(ada, signed_in):
    with time_machine.travel(NOON, tick=False):
        fail()

    text = words(signed_in("admin").get("/audit?object_kind=login"))

    assert "system refused more tries to sign in as ada address 203.0.113.7; ends at 2026" in text


def test_what_is_kept_of_a_failure_holds_no_password_and_no_session(ada):
    client = Client(REMOTE_ADDR="203.0.113.7")
    client.cookies["sessionid"] = "hunter2-session"
    for _ in range(LIMIT):
        form = {"username": "ada", "password": WRONG, "pass": WRONG, "csrfmiddlewaretoken": WRONG}
        client.post(f"/login?password={WRONG}", form)
    enter(RIGHT, at="203.0.113.8")

    tables = [table for table in connection.introspection.table_names() if "axes" in table]
    kept = {table: rows_of(table) for table in tables}

    assert len(kept["axes_accessattempt"]) == 1
    assert [table for table, rows in kept.items() if rows] == ["axes_accessattempt"]
    assert "hunter2" not in str([kept, *AuditEvent.objects.values_list("data", flat=True)])


def rows_of(table: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
        return cursor.fetchall()


def test_many_tries_at_once_are_counted_one_by_one(ada):
    with ThreadPoolExecutor(max_workers=12) as pool:
        codes = list(pool.map(lambda _: alone(), range(12)))

    assert sorted(codes) == [200] * (LIMIT - 1) + [429] * (12 - LIMIT + 1)
    assert AccessAttempt.objects.get().failures_since_start == LIMIT
    assert series() == ["ada"]


def alone() -> int:
    try:
        return enter(WRONG).status_code
    finally:
        connection.close()


def test_an_operator_lets_somebody_try_again(ada, capsys):
    fail()

    call_command("axes_reset_username", "ada")

    assert "1 attempts removed" in capsys.readouterr().out
    assert enter(RIGHT).status_code == 302


def test_failures_of_the_day_before_are_forgotten(ada):
    with time_machine.travel(NOON - timedelta(days=1, seconds=1), tick=False):
        fail(1)
    with time_machine.travel(NOON, tick=False):
        AccessAttempt.objects.create(username="eva", failures_since_start=1)
        logins.forget_old()

    assert [one.username for one in AccessAttempt.objects.all()] == ["eva"]


def test_who_is_signed_in_stays_so_and_gets_out(ada):
    client = Client(REMOTE_ADDR="203.0.113.7")
    client.post("/login", {"username": "ada", "password": RIGHT})
    fail()

    assert client.get("/executions").status_code == 200
    assert client.post("/logout")["Location"] == "/login"


@pytest.mark.parametrize("name", ["", " ", "a\0da", "a" * 151, "a" * 9999, "\ufdfa" * 99])
def test_what_can_be_no_user_name_is_shown_again_and_not_counted(ada, name):
    assert fail(LIMIT + 1, name=name) == [200] * (LIMIT + 1)
    assert not AccessAttempt.objects.exists()


def test_the_longest_user_name_is_noted_whole(ada):
    fail(name="ä" * 150)

    assert series() == ["ä" * 150]
