"""Run an action that is one e-mail: hand it to the mail server, or say how that went wrong.

Floor 3, and the only module that speaks SMTP. All recipients or none: if the server refuses one,
nothing is sent. Until the letter itself is on its way it is known that nothing has happened;
a connection that is lost after that leaves it unknown.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiosmtplib

from actions.context import Context
from actions.declarative import EmailDefinition
from actions.errors import ActionFailure, Final, Retry, Uncertain
from actions.executor.egress import Guard
from actions.executor.failures import excerpted
from actions.executor.letters import Letter, letter
from actions.executor.mailserver import MailServer
from actions.executor.outgoing import variables
from actions.jsontypes import JSON, JSONObject

CONNECT_SECONDS = 10.0
_MAX_SAID = 300
_LOST = (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, OSError)


async def send_email(
    definition: EmailDefinition,
    *,
    params: JSONObject,
    context: Context,
    server: MailServer,
    sender: str,
    guard: Guard,
    tls: ssl.SSLContext | None = None,
) -> JSON:
    """Send the letter; return its Message-ID and recipients when the server has accepted it.

    Raises Retry (`smtp_connect_failed`, `smtp_deferred`), Final (`smtp_rejected`, and what can be
    wrong with a letter) or Uncertain (`smtp_connection_lost`). A cancelled call has closed its
    connection.
    """
    seen = variables(params, definition.params_schema, context)
    filled = letter(definition, seen, key=context.idempotency_key, sender=sender)
    async with _session(server, filled, guard=guard, tls=tls) as client:
        await _envelope(client, filled)
        await _content(client, filled)
    return {"messageId": filled.message_id, "to": list(filled.recipients)}


@asynccontextmanager
async def _session(
    server: MailServer, filled: Letter, *, guard: Guard, tls: ssl.SSLContext | None
) -> AsyncIterator[aiosmtplib.SMTP]:
    client = aiosmtplib.SMTP(
        hostname=server.host,
        sock=await _dialled(server, guard),
        username=server.username or None,
        password=server.password or None,
        # Its own name is not looked up, which could take long and tells nobody anything.
        local_hostname=filled.sender.rpartition("@")[2],
        use_tls=server.security == "tls",
        start_tls=server.security == "starttls",
        tls_context=tls or ssl.create_default_context(),
        timeout=None,
    )
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await client.connect()
        yield client
        # The letter is accepted by now; how the goodbye goes changes nothing.
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await client.quit()
    except aiosmtplib.SMTPResponseException as answer:
        raise _answered(answer) from answer
    except (aiosmtplib.SMTPException, OSError) as lost:
        raise _unreachable(server, lost) from lost
    finally:
        client.close()


async def _dialled(server: MailServer, guard: Guard) -> socket.socket:
    failure: OSError | None = None
    for address in await guard.addresses(server.host, server.port):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.setblocking(False)  # noqa: FBT003  # as the standard library spells it
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                loop = asyncio.get_running_loop()
                await loop.sock_connect(connection, (address, server.port))
        except OSError as unreachable:
            connection.close()
            failure = unreachable
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise _unreachable(server, failure) from failure


async def _envelope(client: aiosmtplib.SMTP, filled: Letter) -> None:
    await client.mail(filled.sender)
    for recipient in filled.recipients:
        await client.rcpt(recipient)


async def _content(client: aiosmtplib.SMTP, filled: Letter) -> None:
    try:
        await client.data(filled.content)
    except _LOST as lost:
        raise Uncertain(
            "smtp_connection_lost",
            "The connection to the mail server was lost while the letter was handed over.",
        ) from lost


def _answered(answer: aiosmtplib.SMTPResponseException) -> ActionFailure:
    said = f"The mail server answered {answer.code}"
    failure: ActionFailure
    if 400 <= answer.code < 500:
        failure = Retry(said, code="smtp_deferred")
    else:
        failure = Final("smtp_rejected", said, details={"smtp_code": answer.code})
    return excerpted(failure, str(answer.message))


def _unreachable(server: MailServer, why: Exception | None) -> Retry:
    reason = str(why)[:_MAX_SAID] or "it took too long"
    return Retry(
        f"No connection to the mail server {server.host}:{server.port} ({reason}).",
        code="smtp_connect_failed",
    )
