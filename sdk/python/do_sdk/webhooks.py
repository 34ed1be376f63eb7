"""Messages that the service sends, checked (Standard Webhooks 1.0). Floor: core, pure."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from do_sdk.errors import WebhookInvalid

TOLERANCE_SECONDS = 300
_PREFIX = "whsec_"
_VERSION = "v1"


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
    WebhookInvalid. A message may arrive twice: its `webhook-id` is the same then.
    """
    sent = {name.lower(): value for name, value in headers.items()}
    missing = [
        name
        for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
        if not sent.get(name)
    ]
    if missing:
        raise WebhookInvalid(f"The message has no {' and no '.join(missing)} header.")
    stamp = sent["webhook-timestamp"]
    if not (stamp.isascii() and stamp.isdigit()):
        raise WebhookInvalid("The message's timestamp is no number of seconds.")
    if abs((time.time() if now is None else now) - int(stamp)) > tolerance_seconds:
        raise WebhookInvalid(
            f"The message is not of the last {tolerance_seconds:g} s; it may be an old one sent "
            "again, or a clock is wrong."
        )
    expected = sign_webhook(secret=secret, message_id=sent["webhook-id"], stamp=stamp, body=body)
    given = sent["webhook-signature"].split()
    if not any(hmac.compare_digest(one.encode(), expected.encode()) for one in given):
        raise WebhookInvalid("No signature of the message is made with this secret.")
    return _parsed(body)


def sign_webhook(*, secret: str, message_id: str, stamp: str, body: bytes) -> str:
    """The signature of a message, for tests of one's own receiver. Raises ValueError."""
    signed = b".".join([message_id.encode(), stamp.encode(), body])
    digest = hmac.new(_key_of(secret), signed, hashlib.sha256).digest()
    return f"{_VERSION},{base64.b64encode(digest).decode()}"


def _key_of(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not key:
        raise ValueError("The webhook's secret is not of the form whsec_ and base64.")
    return key


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as wrong:
        raise WebhookInvalid("The message is signed and is not JSON.") from wrong
