"""Secrets by name, read where they are needed and nowhere else.

Floor 3. They come from the environment of the worker: `ctx.secret("smtp-password")` reads
ACTIONSITE_SECRET_SMTP_PASSWORD.
"""

import os
import re

from actions.errors import Final

# ACTIONSITE_SECRET_KEY signs sessions; an action that could read it could sign in as anybody.
_NAME = re.compile(r"(?!key$)[a-z][a-z0-9-]{0,62}", re.ASCII)


class SecretReader:
    """Reads secrets for one attempt and remembers their values, so that they can be masked."""

    def __init__(self) -> None:
        self.values: list[str] = []

    def __call__(self, name: str) -> str:
        variable = f"ACTIONSITE_SECRET_{name.upper().replace('-', '_')}"
        value = os.environ.get(variable) if _NAME.fullmatch(name) else None
        if value is None:
            raise Final(
                "secret_missing",
                f"There is no secret {name[:63]!r}; set {variable[:100]} for the workers.",
            )
        self.values.append(value)
        return value
