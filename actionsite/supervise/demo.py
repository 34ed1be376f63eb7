"""The demo as `up` sees it: its app's commands make it, its file says how to get in. Floor: site."""

import json
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """How a person and a program get in."""

    username: str
    password: str
    api_key: str


def ensure_credentials(data_dir: Path) -> Credentials:
    """Make what is missing of the demo's logins and key, and return the ones to show."""
    call_command("seed_demo", accounts_only=True)
    accounts = json.loads((data_dir / "demo.json").read_text())
    login = accounts["users"][0]
    return Credentials(
        username=login["username"], password=login["password"], api_key=accounts["api_key"]
    )
