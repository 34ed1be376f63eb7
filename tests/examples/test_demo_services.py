"""The demo's services, spoken to over HTTP and SMTP; some tests start them as a process."""

import smtplib

import httpx2
import pytest

from onboarding.demo import control, mail_state

HOST = "127.0.0.1"


def ask(services, method: str, path: str, **options) -> httpx2.Response:
    url = f"http://{HOST}:{services.http_port}{path}"
    return httpx2.request(method, url, trust_env=False, timeout=5, **options)


def test_mail_is_down_until_it_is_started_and_then_caught(services):
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP(HOST, services.smtp_port)

    control.switch_mail("start")
    with smtplib.SMTP(HOST, services.smtp_port) as connection:
        connection.sendmail("a@example.com", ["b@example.com"], "Subject: Hi\r\n\r\nThere")

    [mail] = control.mail()["mails"]
    assert (mail["to"], mail["subject"]) == (["b@example.com"], "Hi")
    assert mail_state().is_up


def test_a_restart_keeps_the_switch_and_the_mails(stage):
    running = stage.start()
    control.switch_mail("start")
    with smtplib.SMTP(HOST, stage.smtp_port) as connection:
        connection.sendmail("a@example.com", ["b@example.com"], "Subject: Hi\r\n\r\nThere")

    running.stop()
    stage.start()

    assert control.mail()["is_up"]
    assert control.mail()["count"] == 1


def test_a_stopped_process_leaves_with_0(stage):
    running = stage.start()

    assert running.stop() == 0


def test_the_switch_refuses_what_a_web_page_could_send(services):
    foreign_host = {control.CONTROL_HEADER: "1", "Host": "evil.example"}

    assert ask(services, "POST", "/mail/start").status_code == 403
    assert ask(services, "POST", "/mail/start", headers=foreign_host).status_code == 421
    assert not control.mail()["is_up"]


def test_sandboxes_are_made_over_http_once_for_each_key(services):
    request = {"json": {"userId": "usr_12345"}, "headers": {"Idempotency-Key": "k1"}}

    first = ask(services, "POST", "/sandboxes", **request)
    again = ask(services, "POST", "/sandboxes", **request)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


@pytest.mark.parametrize(
    ("content", "status"), [(b"{", 400), (b"\xff", 400), (b" " * 70_000, 413), (b"[]", 422)]
)
def test_a_wrong_body_gets_a_clear_refusal(services, content, status):
    answer = ask(services, "POST", "/sandboxes", content=content, headers={"Idempotency-Key": "k1"})

    assert answer.status_code == status
    assert answer.json()["detail"]


def test_an_unknown_address_says_what_there_is(services):
    answer = ask(services, "GET", "/")

    assert answer.status_code == 404
    assert "POST /sandboxes" in answer.json()["detail"]


def test_a_taken_http_port_ends_the_process_with_an_error(services):
    rival = services.begin("manage.py", "demo_services", env=services.env)

    assert rival.popen.wait(20) != 0
    assert "address already in use" in rival.text()
