"""What `manage.py up` may be told, read twice: before Django's settings, and by Django. Floor: site.

The settings depend on the data directory and the port, so the command line comes first.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

PORT = 8000
HOST = "127.0.0.1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The command line of `up`; None where the environment or a default decides."""

    host: str = HOST
    port: int = PORT
    data_dir: Path | None = None
    workers: int | None = None
    no_demo: bool = False

    @property
    def is_loopback(self) -> bool:
        """Can only this machine reach it?"""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the options to a parser."""
    parser.add_argument("--host", default=HOST, help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=PORT, help="port to listen on (%(default)s)")
    parser.add_argument("--data-dir", type=Path, help="where everything is kept (var/)")
    parser.add_argument("--workers", type=int, help="worker processes (ACTIONSITE_WORKERS, or 2)")
    parser.add_argument(
        "--no-demo", action="store_true", help="no demo data, demo login and demo services"
    )


def parse(arguments: Sequence[str]) -> Options:
    """The options in `arguments`; what is unknown is left for Django to refuse."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False, allow_abbrev=False)
    add_arguments(parser)
    try:
        known, _ = parser.parse_known_args(arguments)
    except argparse.ArgumentError:
        return Options()
    return Options(**vars(known))
