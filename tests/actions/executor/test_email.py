"""An action that is an e-mail, against mail servers on this machine."""

import asyncio
from email import message_from_bytes
from email.policy import default

import pytest

from actions import declarative
from actions.errors import Final, Retry, Uncertain
from actions.executor.egress import Guard
from actions.executor.email import send_email
from actions.executor.mailserver import MailServer, MailServerInvalid, parse_server
from tests.actions.executor import servers
from tests.actions.executor.mailbox import HANG_UP, Mailbox
from tests.actions.executor.servers import Server, listening

SENDER = "Actionsite <noreply@example.com>"


def send(mailbox: Mailbox, *, params=None, guard=None, **more):
    document = {
        "kind": "email",
        "to": "${{ params.to }}",
        "subject": "Hi ${{ params.name }}",
        "text": "Hello ${{ params.name }}\n.\nBye",
        "params": {"type": "object"},
        **more,
    }

    async def run():
        async with listening(mailbox.converse) as server:
            return await send_email(
                declarative.parse(document),
                params={"to": "ada@example.com", "name": "Ada"} | (params or {}),
                context=servers.context(),
                server=plain(server),
                sender=SENDER,
                guard=guard or servers.guard_for(server),
            )

    return asyncio.run(run())


def plain(server: Server) -> MailServer:
    return MailServer(host="127.0.0.1", port=server.port, security="plain")


def failure(kind, mailbox: Mailbox, **more):
    with pytest.raises(kind) as raised:
        send(mailbox, **more)
    assert type(raised.value) is kind
    return raised.value


def test_a_letter_is_filled_in_and_handed_over():
    mailbox = Mailbox()

    result = send(mailbox, html="<p>Hello ${{ params.name }}</p>", params={"name": "Ada & <Co>"})

    letter = message_from_bytes(mailbox.letter, policy=default)
    assert result == {"messageId": letter["Message-ID"], "to": ["ada@example.com"]}
    assert letter["From"] == SENDER
    assert letter["Subject"] == "Hi Ada & <Co>"
    assert "Hello Ada & <Co>" in letter.get_body(("plain",)).get_content()
    assert letter.get_body(("html",)).get_content().strip() == "<p>Hello Ada &amp; &lt;Co&gt;</p>"
    assert "MAIL FROM:<noreply@example.com>" in mailbox.commands


def test_the_same_key_has_the_same_message_id():
    assert send(Mailbox())["messageId"] == send(Mailbox(), subject="Else")["messageId"]


def test_a_letter_can_have_many_recipients():
    mailbox = Mailbox()

    result = send(
        mailbox,
        to=["${{ params.many }}", "Ada <ada@example.com>"],
        params={"many": ["b@example.com", "c@example.com"]},
    )

    assert result["to"] == ["b@example.com", "c@example.com", "ada@example.com"]
    assert sum(command.startswith("RCPT TO") for command in mailbox.commands) == 3


@pytest.mark.parametrize(
    "to",
    [
        "a@example.com, b@example.com",
        "a@example.com\r\nBcc: b@example.com",
        "a@example.com\nRCPT TO:<b@example.com>",
        "a@example.com> <b@example.com",
        "Ada",
        "",
        "@example.com",
        "a@",
        "ä@example.com",
        [],
        ["a@example.com"] * 51,
        None,
        7,
    ],
)
def test_what_is_no_address_is_no_recipient(to):
    mailbox = Mailbox()

    assert failure(Final, mailbox, params={"to": to}).code == "address_invalid"
    assert not mailbox.commands


@pytest.mark.parametrize("name", ["Ada\r\nBcc: b@example.com", "Ada\nX: y", "Ada\u2028X: y"])
def test_a_value_cannot_begin_another_header(name):
    assert failure(Final, Mailbox(), params={"name": name}).code == "header_invalid"


@pytest.mark.parametrize(
    ("replies", "kind", "code"),
    [
        ({"greeting": "421 later"}, Retry, "smtp_deferred"),
        ({"greeting": "554 no"}, Final, "smtp_rejected"),
        ({"greeting": HANG_UP}, Retry, "smtp_connect_failed"),
        ({"mail": "451 later"}, Retry, "smtp_deferred"),
        ({"mail": HANG_UP}, Retry, "smtp_connect_failed"),
        ({"rcpt": "550 nobody"}, Final, "smtp_rejected"),
        ({"rcpt": "450 greylisted"}, Retry, "smtp_deferred"),
        ({"data": "554 no"}, Final, "smtp_rejected"),
        ({"letter": "452 full"}, Retry, "smtp_deferred"),
        ({"letter": "552 too large"}, Final, "smtp_rejected"),
        ({"letter": HANG_UP}, Uncertain, "smtp_connection_lost"),
    ],
)
def test_what_went_wrong_says_whether_the_letter_went_out(replies, kind, code):
    assert failure(kind, Mailbox(**replies)).code == code


def test_how_the_goodbye_goes_changes_nothing():
    assert send(Mailbox(quit=HANG_UP))["to"] == ["ada@example.com"]


def test_where_no_server_listens_nothing_has_happened():
    async def run():
        async with listening(Mailbox().converse) as server:
            guard, where = servers.guard_for(server), plain(server)
        await send_email(
            declarative.parse(declarative.EXAMPLES["email"]),
            params={"email": "ada@example.com", "name": "Ada"},
            context=servers.context(),
            server=where,
            sender=SENDER,
            guard=guard,
        )

    with pytest.raises(Retry) as failed:
        asyncio.run(run())

    assert failed.value.code == "smtp_connect_failed"


def test_the_mail_server_is_behind_the_guard_too():
    mailbox = Mailbox()

    assert failure(Final, mailbox, guard=Guard()).code == "egress_refused"
    assert not mailbox.commands


def test_a_cancelled_letter_has_closed_its_connection():
    async def run():
        arrived = asyncio.Event()

        async def silent(reader, writer):
            arrived.set()
            await reader.readexactly(1)

        async with listening(silent) as server:
            sending = asyncio.create_task(
                send_email(
                    declarative.parse(declarative.EXAMPLES["email"]),
                    params={"email": "ada@example.com", "name": "Ada"},
                    context=servers.context(),
                    server=plain(server),
                    sender=SENDER,
                    guard=servers.guard_for(server),
                )
            )
            await arrived.wait()
            sending.cancel()
            await asyncio.wait([sending])
            await asyncio.wait_for(server.closed.wait(), 5)
            return sending.cancelled()

    assert asyncio.run(run())


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://localhost:8025", ("localhost", 8025, "plain", "", "")),
        ("smtps://me:p%40ss@mail.example.com", ("mail.example.com", 465, "tls", "me", "p@ss")),
        ("smtp+starttls://me:x@m.example", ("m.example", 587, "starttls", "me", "x")),
    ],
)
def test_the_address_of_a_mail_server_is_read(url, server):
    found = parse_server(url)

    assert (found.host, found.port, found.security, found.username, found.password) == server


@pytest.mark.parametrize(
    "url", ["smtp://me:hunter2@mail.example.com", "http://x", "smtp://", "smtp://a:b", "smtp://a/b"]
)
def test_an_address_that_cannot_be_is_refused_without_its_password(url):
    with pytest.raises(MailServerInvalid) as refusal:
        parse_server(url)

    assert "hunter2" not in str(refusal.value)


def test_a_server_shows_no_password():
    assert "hunter2" not in repr(parse_server("smtps://me:hunter2@mail.example.com"))
