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
from actionsite.env import Environment, fill
from actionsite.supervise import environment
from actionsite.supervise import options as command_line
from actionsite.supervise.card import read_card

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
    if arguments[:1] == ["up"] and not ASKS_FOR_HELP & set(arguments):
        options = command_line.parse(arguments[1:])
        data_dir = (options.data_dir or data_directory(variables)).expanduser().resolve()
        environment.complete(variables, options=options, data_dir=data_dir)
        return
    if arguments[:1] == ["qcluster"]:
        fill(variables, "ACTIONSITE_ROLE", "worker")
    data_dir = data_directory(variables)
    keys.load(variables, data_dir)
    if not variables.get("DATABASE_URL"):
        _assume(variables, data_dir, needs_database=_needs_database(arguments))


def _assume(variables: MutableMapping[str, str], data_dir: Path, *, needs_database: bool) -> None:
    if needs_database:
        with locks.held(data_dir / "keys.lock"):
            keys.ensure(variables, data_dir)
    else:
        keys.stand_in(variables)
        # makemigrations would like to compare with the tables of a server that does not run.
        warnings.filterwarnings("ignore", "Got an error checking a consistent migration history")
    _continue_demo(variables, data_dir)
    environment.assume_address(variables, host=command_line.HOST, port=command_line.PORT)
    variables["DATABASE_URL"] = cluster_of(data_dir).url()
    if needs_database:
        borrow(data_dir)


def _continue_demo(variables: MutableMapping[str, str], data_dir: Path) -> None:
    """Commands beside a demo are of the demo: they know its app and its ports."""
    card = read_card(data_dir)
    demo = card.get("demo")
    if not isinstance(demo, dict) or variables.get("ACTIONSITE_DEMO"):
        return
    variables["ACTIONSITE_DEMO"] = "1"
    fill(variables, "ACTIONSITE_BASE_URL", str(card["url"]))
    fill(variables, "ACTIONSITE_ALLOW_HTTP", "1")
    fill(variables, "ACTIONSITE_DEMO_SMTP_PORT", str(demo["smtp_port"]))
    fill(variables, "ACTIONSITE_DEMO_HTTP_PORT", str(demo["http_port"]))


def data_directory(variables: MutableMapping[str, str]) -> Path:
    """Where this installation keeps its files."""
    return Environment(variables).path("ACTIONSITE_DATA_DIR", default=ROOT / "var")


def _needs_database(arguments: list[str]) -> bool:
    command = arguments[0] if arguments else "help"
    if command in NO_DATABASE:
        return command == "check" and "--database" in arguments
    return not ASKS_FOR_HELP & set(arguments)
