"""Secrets by name, read where they are needed and nowhere else.

Floor 3. They come from the vault, or from the environment of the worker: where the vault has none,
`ctx.secret("smtp-password")` reads ACTIONSITE_SECRET_SMTP_PASSWORD.
"""

import os
from collections.abc import Callable

from actions import names
from actions.errors import Final


class SecretReader:
    """Reads secrets for one attempt.

    `values` are those that it has read or was given, so that they can be masked.
    """

    def __init__(self, look_up: Callable[[str], str | None]) -> None:
        self._look_up = look_up
        self.values: list[str] = []

    def __call__(self, name: str) -> str:
        value = self._look_up(name)
        if value is None:
            value = _in_environment(name)
        if value is None:
            raise Final(
                "secret_missing",
                f"There is no secret {name[:63]!r} for this action; set it with manage.py "
                "set_secret, or let this action read it.",
            )
        self.values.append(value)
        return value


def _in_environment(name: str) -> str | None:
    if not names.may_be_secret(name):
        return None
    return os.environ.get(f"ACTIONSITE_SECRET_{name.upper().replace('-', '_')}")
