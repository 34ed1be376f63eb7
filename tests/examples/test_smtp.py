"""Real SMTP on the loopback interface: aiosmtpd answers as each case wants."""

import smtplib

import pytest
from aiosmtpd.controller import Controller

from actions import Final, Retry
from onboarding import letters, smtp
from tests.fixtures.running import free_port

HOST = "127.0.0.1"
LETTER = letters.welcome(
    template="new-user-welcome-v2",
    to="ada@example.com",
    name="Ada",
    user_id="usr_12345",
    message_id="<one@onboarding.example>",
)


class Answers:
    """Says what the test wants to the recipient and to the message; keeps what it takes."""

    def __init__(self, *, rcpt: str = "250 OK", content: str = "250 OK") -> None:
        self.rcpt = rcpt
        self.content = content
        self.taken: list[bytes] = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.taken.append(envelope.content)
        return self.content


@pytest.fixture
def mail_server():
    """Start a mail server with some answers; returns its port."""
    started = []

    def start(answers: Answers) -> int:
        controller = Controller(answers, hostname=HOST, port=free_port())
        controller.start()
        started.append(controller)
        return controller.port

    yield start
    for controller in started:
        controller.stop()


def test_an_accepted_letter_arrives_as_it_was_written(mail_server):
    answers = Answers()

    smtp.deliver(LETTER, host=HOST, port=mail_server(answers))

    assert len(answers.taken) == 1
    assert b"Message-ID: <one@onboarding.example>" in answers.taken[0]


def test_a_closed_port_is_a_refused_connection_that_may_be_retried():
    port = free_port()

    with pytest.raises(Retry, match=f"^SMTP connection refused by 127.0.0.1:{port}$") as refused:
        smtp.deliver(LETTER, host=HOST, port=port)

    assert refused.value.code == "smtp_connect_refused"


@pytest.mark.parametrize(
    "answers",
    [Answers(content="451 try later"), Answers(rcpt="450 mailbox busy")],
    ids=["message", "recipient"],
)
def test_not_now_may_be_retried(mail_server, answers):
    with pytest.raises(Retry, match=r"answered 45[01]") as deferred:
        smtp.deliver(LETTER, host=HOST, port=mail_server(answers))

    assert deferred.value.code == "smtp_deferred"


@pytest.mark.parametrize(
    "answers",
    [Answers(content="554 spam"), Answers(rcpt="550 no such user")],
    ids=["message", "recipient"],
)
def test_no_is_final(mail_server, answers):
    with pytest.raises(Final, match=r"answered 55[04]") as rejected:
        smtp.deliver(LETTER, host=HOST, port=mail_server(answers))

    assert rejected.value.code == "smtp_rejected"


def test_a_connection_lost_after_the_letter_was_sent_is_not_called_a_refusal(mail_server):
    class Vanishes(Answers):
        async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
            server.transport.abort()
            return "250 OK"

    with pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
        smtp.deliver(LETTER, host=HOST, port=mail_server(Vanishes()))
