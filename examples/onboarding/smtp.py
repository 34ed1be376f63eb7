"""Hand a letter to a mail server, and say in the engine's words how it went wrong.

`Retry` promises that nothing was sent, so it is raised only where the server has said no or was
never reached. A time-out or a lost connection in the middle is let through as it is: nobody knows
then whether the letter went out, and the engine treats it as such.
"""

import contextlib
import smtplib
from email.message import EmailMessage

from actions import Final, Retry

_TIMEOUT_SECONDS = 5


def deliver(message: EmailMessage, *, host: str, port: int) -> None:
    """Send one message; return when the server has accepted it.

    Raises Retry when it was unreachable or said "not now" (4xx), Final when it said "no" (5xx).
    """
    try:
        connection = smtplib.SMTP(host, port, timeout=_TIMEOUT_SECONDS)
    except ConnectionRefusedError as refused:
        raise Retry(
            f"SMTP connection refused by {host}:{port}", code="smtp_connect_refused"
        ) from refused
    except smtplib.SMTPResponseException as answer:
        raise _answered(answer.smtp_code, answer.smtp_error) from answer
    try:
        connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        code, words = next(iter(refused.recipients.values()))
        raise _answered(code, words) from refused
    except smtplib.SMTPResponseException as answer:
        raise _answered(answer.smtp_code, answer.smtp_error) from answer
    finally:
        # The letter is accepted or not by now; how the goodbye goes changes nothing.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            connection.quit()


def _answered(code: int, words: bytes | str) -> Retry | Final:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    said = f"The mail server answered {code} {text[:300]}"
    if 400 <= code < 500:
        return Retry(said, code="smtp_deferred")
    return Final("smtp_rejected", said, details={"smtp_code": code})
