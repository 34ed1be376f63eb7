"""What the settings of an installation let actions reach."""

import asyncio

import pytest

from actions import declarative
from actions.errors import Final
from actions.executor import outside
from actions.executor.declared import run_declared
from actions.executor.egress import parse_allowed
from actions.executor.mailserver import parse_server
from tests.actions.executor import servers
from tests.actions.executor.mailbox import Mailbox
from tests.actions.executor.servers import answering, json_answer, listening


@pytest.fixture(autouse=True)
def afresh():
    outside.guard.cache_clear()
    yield
    outside.guard.cache_clear()


def addresses(guard, port):
    return asyncio.run(guard.addresses("127.0.0.1", port))


def test_the_mail_server_is_for_e_mail_actions_and_nothing_beside_it(settings):
    settings.ACTIONSITE_MAIL_SERVER = parse_server("smtp://127.0.0.1:8025")
    settings.ACTIONSITE_EGRESS_ALLOW = parse_allowed(["127.0.0.1:8026"])

    assert addresses(outside.mail_guard(), 8025) == ["127.0.0.1"]
    assert addresses(outside.guard(), 8026) == ["127.0.0.1"]
    for guard, port in (
        (outside.guard(), 8025),
        (outside.guard(), 8027),
        (outside.mail_guard(), 80),
    ):
        with pytest.raises(Final, match="not allowed"):
            addresses(guard, port)


def test_the_mail_server_is_for_http_actions_where_the_allow_list_names_it(settings):
    settings.ACTIONSITE_MAIL_SERVER = parse_server("smtp://127.0.0.1:8025")
    settings.ACTIONSITE_EGRESS_ALLOW = parse_allowed(["127.0.0.1:8025"])

    assert addresses(outside.guard(), 8025) == ["127.0.0.1"]


def test_an_http_action_says_nothing_to_the_mail_server(settings):
    mailbox = Mailbox()

    async def run():
        async with listening(mailbox.converse) as mail:
            settings.ACTIONSITE_EGRESS_ALLOW = ()
            settings.ACTIONSITE_MAIL_SERVER = parse_server(f"smtp://127.0.0.1:{mail.port}")
            url = f"http://127.0.0.1:{mail.port}/"
            forged = "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n\r\n.\r\n"
            document = {"kind": "http", "method": "POST", "url": url, "text": forged}
            await run_declared(declarative.parse(document), params={}, context=servers.context())

    with pytest.raises(Final) as refusal:
        asyncio.run(run())

    assert refusal.value.code == "egress_refused"
    assert not mailbox.commands


def test_without_a_mail_server_there_is_no_mail(settings):
    settings.ACTIONSITE_MAIL_SERVER = None

    with pytest.raises(Final) as failure:
        outside.mail_server()

    assert failure.value.code == "mail_not_configured"


def test_a_definition_of_either_kind_is_run_as_the_settings_say(settings):
    mailbox = Mailbox()

    async def run():
        async with (
            answering(json_answer(200, '{"id": 9}')) as web,
            listening(mailbox.converse) as mail,
        ):
            settings.ACTIONSITE_EGRESS_ALLOW = parse_allowed([f"127.0.0.1:{web.port}"])
            settings.ACTIONSITE_MAIL_SERVER = parse_server(f"smtp://127.0.0.1:{mail.port}")
            settings.ACTIONSITE_MAIL_FROM = "noreply@example.com"
            http = {"kind": "http", "method": "GET", "url": f"http://127.0.0.1:{web.port}/"}
            email = {"kind": "email", "to": "ada@example.com", "subject": "Hi", "text": "Hello"}
            return [
                await run_declared(declarative.parse(one), params={}, context=servers.context())
                for one in (http, email)
            ]

    called, sent = asyncio.run(run())

    assert called == {"status": 200, "body": {"id": 9}}
    assert sent["to"] == ["ada@example.com"]
    assert b"Hello" in mailbox.letter
