"""Mail over TLS, against a real mail server with a throw-away certificate."""

import asyncio
import ssl

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from actions import declarative
from actions.errors import Retry
from actions.executor.email import send_email
from actions.executor.mailserver import MailServer, Security
from tests.actions.executor import servers
from tests.actions.executor.certificates import contexts
from tests.actions.executor.servers import Server

# aiosmtpd does not know that its connection is encrypted where that was done before it.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"
DOCUMENT = {"kind": "email", "to": "ada@example.com", "subject": "Hi", "text": "Hello"}


class PostOffice:
    """A mail server that wants a password; it keeps what it was told."""

    def __init__(self, tls: ssl.SSLContext, *, speaks: str) -> None:
        self.tls, self.speaks = tls, speaks
        self.letters: list[bytes] = []
        self.logins: list[bytes] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # as aiosmtpd calls it
        self.letters.append(envelope.content)
        return "250 taken"

    def authenticate(self, server, session, envelope, mechanism, auth_data):
        self.logins.append(auth_data.password)
        return AuthResult(success=True)

    def connection(self) -> SMTP:
        return SMTP(
            self,
            hostname="here",
            tls_context=self.tls if self.speaks == "starttls" else None,
            require_starttls=self.speaks == "starttls",
            auth_required=self.speaks != "plain",
            auth_require_tls=self.speaks == "starttls",
            authenticator=self.authenticate,
        )


@pytest.fixture
def trust(tmp_path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return contexts(tmp_path, address=HERE)


def send(office: PostOffice, *, security: Security, tls: ssl.SSLContext | None):
    async def run():
        loop = asyncio.get_running_loop()
        implicit = office.tls if office.speaks == "tls" else None
        listener = await loop.create_server(office.connection, HERE, 0, ssl=implicit)
        port = listener.sockets[0].getsockname()[1]
        server = MailServer(
            host=HERE, port=port, security=security, username="me", password="hunter2"
        )
        async with listener:
            return await send_email(
                declarative.parse(DOCUMENT),
                params={},
                context=servers.context(),
                server=server,
                sender="noreply@example.com",
                guard=servers.guard_for(Server(port=port)),
                tls=tls,
            )

    return asyncio.run(run())


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_letter_and_the_password_are_handed_over_behind_tls(trust, security):
    office = PostOffice(trust[0], speaks=security)

    result = send(office, security=security, tls=trust[1])

    assert result["to"] == ["ada@example.com"]
    assert b"Subject: Hi" in office.letters[0]
    assert office.logins == [b"hunter2"]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_trusts_gets_neither_letter_nor_password(trust, security):
    office = PostOffice(trust[0], speaks=security)

    check_refused(office, security=security, tls=None)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_of_another_host_gets_neither_letter_nor_password(tmp_path, security):
    of_another, trusting = contexts(tmp_path, address=ELSEWHERE)

    check_refused(PostOffice(of_another, speaks=security), security=security, tls=trusting)


def test_a_server_that_offers_no_tls_gets_neither_letter_nor_password(trust):
    check_refused(PostOffice(trust[0], speaks="plain"), security="starttls", tls=trust[1])


def check_refused(office: PostOffice, *, security: Security, tls: ssl.SSLContext | None) -> None:
    """It failed as an unreachable server does, and the server was told nothing."""
    with pytest.raises(Retry) as failed:
        send(office, security=security, tls=tls)
    assert failed.value.code == "smtp_connect_failed"
    assert "hunter2" not in failed.value.message
    assert (office.letters, office.logins) == ([], [])
