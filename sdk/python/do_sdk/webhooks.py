"""Messages that the service sends, checked (Standard Webhooks 1.0). Floor: core, pure."""

import base64
import hashlib
import hmac
import json
import math
import time
from collections.abc import Mapping
from typing import Any

from do_sdk.errors import WebhookInvalid, WrongOption

TOLERANCE_SECONDS = 300
_PREFIX = "whsec_"
_VERSION = "v1"
# Beyond the year 5000; longer ones are no time.
_LONGEST_STAMP = 11
_SENT = ("webhook-id", "webhook-timestamp", "webhook-signature")


def verify_webhook(
    *,
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    tolerance_seconds: float = TOLERANCE_SECONDS,
    now: float | None = None,
) -> Any:
    """Return the message's JSON once its signature and its age are known to be right.

    `secret` is the endpoint's, `whsec_…`; `body` the bytes as they came, for a parsed and rewritten
    body has another signature. `now` is in seconds since 1970, the clock's if left out. Raises
    WebhookInvalid, and WrongOption for a secret, headers, a body or settings that are none. A message
    may arrive twice: its `webhook-id` is the same then.
    """
    now = time.time() if now is None else now
    for name, value in (("tolerance_seconds", tolerance_seconds), ("now", now)):
        # Not a number is beyond no limit: every old message would be a fresh one.
        if not _is_seconds(value):
            raise WrongOption(f"{name} is {value!r}; give a number of seconds from 0 on.")
    identity, stamp, signatures = _sent(headers)
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= _LONGEST_STAMP):
        raise WebhookInvalid("The message's timestamp is no number of seconds.")
    if abs(now - int(stamp)) > tolerance_seconds:
        raise WebhookInvalid(
            f"The message is not of the last {tolerance_seconds:g} s; it may be an old one sent "
            "again, or a clock is wrong."
        )
    expected = sign_webhook(secret=secret, id=identity, stamp=stamp, body=body).encode()
    given = [one.encode() for one in signatures.split(" ")]
    if not any(hmac.compare_digest(one, expected) for one in given):
        raise WebhookInvalid("No signature of the message is made with this secret.")
    return _parsed(body)


def sign_webhook(
    *,
    secret: str,
    id: str,  # noqa: A002  # the name of what is signed, in both languages
    stamp: int | str,
    body: bytes,
) -> str:
    """The signature of a message, for tests of one's own receiver; raises as `verify_webhook` does."""
    if not isinstance(body, bytes):
        raise WrongOption(f"The body is a {type(body).__name__}; give the bytes as they came.")
    signed = b".".join([id.encode(), str(stamp).encode(), body])
    digest = hmac.new(_key_of(secret), signed, hashlib.sha256).digest()
    return f"{_VERSION},{base64.b64encode(digest).decode()}"


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and value >= 0


def _sent(headers: Mapping[str, str]) -> list[str]:
    if not hasattr(headers, "items"):
        raise WrongOption(
            f"The headers are a {type(headers).__name__}; give the message's, by name."
        )
    sent = {name.lower(): value for name, value in headers.items()}
    for name in _SENT:
        if not isinstance(sent.get(name, ""), str):
            raise WrongOption(f"The header {name} is a {type(sent[name]).__name__}; give its text.")
    missing = [name for name in _SENT if not sent.get(name)]
    if missing:
        raise WebhookInvalid(f"The message has no {' and no '.join(missing)} header.")
    found = [sent[name] for name in _SENT]
    # Ids and signatures are ASCII; what a server could not read stands as surrogates.
    if not all(value.isascii() and value.isprintable() for value in found):
        raise WebhookInvalid("The message's headers have signs in them that no sender signs.")
    return found


def _key_of(secret: str) -> bytes:
    if not isinstance(secret, str):
        raise WrongOption(f"The webhook's secret is a {type(secret).__name__}; give its text.")
    text = secret.removeprefix(_PREFIX)
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if not key or base64.b64encode(key).decode() != text:
        raise WrongOption("The webhook's secret is not of the form whsec_ and base64.")
    return key


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise WebhookInvalid("The message is signed and is not JSON.") from wrong
