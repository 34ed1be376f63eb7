"""What `manage.py` fills in where the environment says nothing: a local installation. Floor: site.

Runs before Django reads its settings. With DATABASE_URL set, nothing is assumed: production is
the default posture. Without it, everything lives under the data directory.
"""

import warnings
from collections.abc import MutableMapping
from pathlib import Path

from actionsite import keys, locks
from actionsite.borrowing import borrow
from actionsite.embedded import cluster_of
from actionsite.env import Environment

ROOT = Path(__file__).resolve().parent.parent
# Commands that answer without a database; all others may need it.
NO_DATABASE = frozenset(
    {
        "check",
        "collectstatic",
        "create_max_migration_files",
        "database_url",
        "diffsettings",
        "findstatic",
        "help",
        "makemigrations",
        "rebase_migration",
        "spectacular",
        "squashmigrations",
        "up",
        "version",
    }
)
ASKS_FOR_HELP = frozenset({"--help", "-h", "--version"})


def prepare(variables: MutableMapping[str, str], arguments: list[str]) -> None:
    """Complete the environment of `manage.py <arguments>`; start PostgreSQL if it is needed."""
    data_dir = data_directory(variables)
    keys.load(variables, data_dir)
    if variables.get("DATABASE_URL"):
        return
    needs_database = _needs_database(arguments)
    if needs_database:
        with locks.held(data_dir / "keys.lock"):
            keys.ensure(variables, data_dir)
    else:
        keys.stand_in(variables)
        # makemigrations would like to compare with the tables of a server that does not run.
        warnings.filterwarnings("ignore", "Got an error checking a consistent migration history")
    assume_loopback(variables, port=8000)
    variables["DATABASE_URL"] = cluster_of(data_dir).url()
    if needs_database:
        borrow(data_dir)


def data_directory(variables: MutableMapping[str, str]) -> Path:
    """Where this installation keeps its files."""
    return Environment(variables).path("ACTIONSITE_DATA_DIR", default=ROOT / "var")


def assume_loopback(variables: MutableMapping[str, str], *, port: int) -> None:
    """Addresses of an installation that only this machine reaches, where none are given."""
    if not variables.get("ACTIONSITE_BASE_URL"):
        variables["ACTIONSITE_BASE_URL"] = f"http://127.0.0.1:{port}"
        variables.setdefault("ACTIONSITE_ALLOW_HTTP", "1")
        variables.setdefault("ACTIONSITE_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")


def _needs_database(arguments: list[str]) -> bool:
    command = arguments[0] if arguments else "help"
    if command in NO_DATABASE:
        return command == "check" and "--database" in arguments
    return not ASKS_FOR_HELP & set(arguments)
