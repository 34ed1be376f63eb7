"""Whether the demo's mail server shall be up: one small file that outlives a restart.

The service writes it, pages and commands read it. Before it exists, nobody has switched anything:
the mail server is down, as the story begins.
"""

from dataclasses import dataclass
from pathlib import Path

from onboarding.demo import shelf

_FILE = "demo-mail.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class MailState:
    """`is_up` as last switched; `was_ever_switched` is false only before the story's first turn."""

    is_up: bool
    was_ever_switched: bool


def read(directory: Path) -> MailState:
    """Read the switch in a data directory."""
    kept = shelf.read_json(directory / _FILE)
    if not isinstance(kept, dict):
        return MailState(is_up=False, was_ever_switched=False)
    return MailState(is_up=kept.get("is_up") is True, was_ever_switched=True)


def write(directory: Path, *, is_up: bool) -> None:
    """Remember how the switch stands."""
    shelf.write_atomically(directory / _FILE, {"is_up": is_up})
