"""The mail server of the demo, in the test's own event loop, with senders in threads."""

import asyncio
import smtplib

import pytest

from actions import Final, Retry
from onboarding import letters, smtp
from onboarding.demo import switch
from onboarding.demo.mailbox import HOST, Mailbox, PortTaken
from tests.fixtures.running import free_port


def send(
    port: int, *, message_id: str = "<one@onboarding.example>", to: str = "ada@example.com"
) -> None:
    letter = letters.welcome(
        template="new-user-welcome-v2",
        to=to,
        name="Ada",
        user_id="usr_12345",
        message_id=message_id,
    )
    smtp.deliver(letter, host=HOST, port=port)


@pytest.fixture
def mailbox(tmp_path) -> Mailbox:
    return Mailbox(directory=tmp_path, port=free_port())


def test_a_mailbox_that_was_never_switched_is_down(mailbox, tmp_path):
    async def story():
        await mailbox.restore()
        with pytest.raises(Retry, match="refused"):
            await asyncio.to_thread(send, mailbox.port)

    asyncio.run(story())

    assert switch.read(tmp_path) == switch.MailState(is_up=False, was_ever_switched=False)


def test_a_started_mailbox_keeps_what_it_is_sent(mailbox, tmp_path):
    async def story():
        await mailbox.start()
        await asyncio.to_thread(send, mailbox.port)
        await mailbox.close()

    asyncio.run(story())

    [mail] = mailbox.newest(10)
    assert mail["to"] == ["ada@example.com"]
    assert mail["subject"] == "Welcome, Ada"
    assert "usr_12345" in mail["text"]
    assert switch.read(tmp_path).is_up


def test_a_copy_is_counted_and_a_second_letter_is_kept(mailbox):
    async def story():
        await mailbox.start()
        for message_id in ("<one@x.example>", "<one@x.example>", "<two@x.example>"):
            await asyncio.to_thread(send, mailbox.port, message_id=message_id)
        await mailbox.close()

    asyncio.run(story())

    kept = [(mail["message_id"], mail["copies"]) for mail in mailbox.newest(10)]
    assert kept == [("<two@x.example>", 1), ("<one@x.example>", 2)]


def test_mail_for_nobody_is_refused_for_good(mailbox):
    async def story():
        await mailbox.start()
        with pytest.raises(Final, match="550") as refused:
            await asyncio.to_thread(send, mailbox.port, to="Nobody@example.com")
        await mailbox.close()
        return refused.value.code

    assert asyncio.run(story()) == "smtp_rejected"
    assert len(mailbox) == 0


def test_a_stopped_mailbox_refuses_and_ends_what_was_open(mailbox):
    async def story():
        await mailbox.start()
        open_one = await asyncio.to_thread(smtplib.SMTP, HOST, mailbox.port)
        await mailbox.stop()
        with pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
            await asyncio.to_thread(open_one.noop)
        open_one.close()
        with pytest.raises(Retry, match="refused"):
            await asyncio.to_thread(send, mailbox.port)

    asyncio.run(story())

    assert not mailbox.is_up


def test_the_switch_outlives_a_restart(mailbox, tmp_path):
    async def story():
        await mailbox.start()
        await mailbox.close()
        successor = Mailbox(directory=tmp_path, port=mailbox.port)
        await successor.restore()
        await asyncio.to_thread(send, successor.port)
        await successor.close()
        return successor

    successor = asyncio.run(story())

    assert len(successor) == 1


def test_a_taken_port_is_named_with_what_to_do(mailbox, tmp_path):
    async def story():
        await mailbox.start()
        rival = Mailbox(directory=tmp_path, port=mailbox.port)
        try:
            with pytest.raises(PortTaken, match="ACTIONSITE_DEMO_SMTP_PORT"):
                await rival.start()
        finally:
            await mailbox.close()

    asyncio.run(story())
