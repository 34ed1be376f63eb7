"""Sealing: bytes that nobody can read, or change unnoticed, without the key. Floor 1, pure.

AES-256-GCM with a random nonce of 96 bits (NIST SP 800-38D). What is sealed is bound to a text that
says where it belongs, so that it cannot be moved to another place.
"""

import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_NONCE_BYTES = 12
_ID_BYTES = 8


class Unreadable(Exception):
    """What was sealed was changed or moved, or the key is not the one that sealed it."""


@dataclass(frozen=True, slots=True, repr=False)
class MasterKey:
    """A key of 256 bits made of a text that people keep; its id tells nothing of it."""

    id: str
    secret: bytes

    @classmethod
    def of(cls, text: str) -> "MasterKey":
        """The key that this text stands for, always the same."""
        derived = HKDF(
            algorithm=SHA256(), length=KEY_BYTES + _ID_BYTES, salt=None, info=b"actionsite vault 1"
        ).derive(text.encode())
        return cls(id=derived[KEY_BYTES:].hex(), secret=derived[:KEY_BYTES])


def new_secret() -> bytes:
    """256 random bits."""
    return secrets.token_bytes(KEY_BYTES)


def seal(plain: bytes, *, secret: bytes, place: str) -> bytes:
    """Seal for that place; `secret` has 256 bits. The result is 28 bytes longer."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(secret).encrypt(nonce, plain, place.encode())


def unseal(sealed: bytes, *, secret: bytes, place: str) -> bytes:
    """What was sealed for that place; raises Unreadable."""
    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(secret).decrypt(nonce, rest, place.encode())
    except (InvalidTag, ValueError) as wrong:
        raise Unreadable(
            "It was sealed with another key, for another place, or changed."
        ) from wrong
