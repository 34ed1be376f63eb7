"""What `up` tells: to people on the terminal, to programs in <data dir>/up.json. Floor: the site."""

import json
from pathlib import Path

from django.conf import settings

from actionsite.keys import write_private
from actionsite.supervise.demo import Credentials
from actionsite.supervise.options import Options


def write_card(data_dir: Path, options: Options, *, pid: int | None) -> None:
    """Write up.json, readable for this user only: its database URL may hold a password.

    Commands beside a demo read it. `pid` is None once `up` has ended.
    """
    demo = {
        "smtp_port": settings.ACTIONSITE_DEMO_SMTP_PORT,
        "http_port": settings.ACTIONSITE_DEMO_HTTP_PORT,
    }
    card = {
        "pid": pid,
        "host": options.host,
        "port": options.port,
        "url": settings.ACTIONSITE_BASE_URL,
        "database_url": settings.DATABASE_URL,
        "demo": demo if settings.ACTIONSITE_DEMO else None,
    }
    write_private(data_dir / "up.json", json.dumps(card, indent=1))


def welcome(credentials: Credentials | None, *, data_dir: Path, seconds: float) -> str:
    """The lines for the terminal."""
    rows = [("Page", settings.ACTIONSITE_BASE_URL)]
    if credentials is not None:
        rows += [
            ("Login", f"{credentials.username} / {credentials.password}"),
            ("API key", credentials.api_key),
        ]
    rows += [("Data", str(data_dir)), ("Logs", str(data_dir / "logs"))]
    table = "\n".join(f"  {name:<8} {value}" for name, value in rows)
    return (
        f"Actionsite is ready after {seconds:.1f} s"
        f"{' (a demo: its mail goes nowhere)' if credentials else ''}.\n\n{table}\n\n"
        "Ctrl-C stops it; the data stays."
    )
