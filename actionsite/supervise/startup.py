"""What `up` does between the database's start and the first child, all in one process. Floor: site.

Each step looks first whether there is anything to do, so that a second start costs little.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from actions import definitions


def prepare_database() -> None:
    """Apply the migrations that are missing, and bring the declared actions to the catalogue."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
    definitions.sync()


def collect_static_files() -> None:
    """Collect the static files into the data directory if one has changed since."""
    target = Path(settings.STATIC_ROOT)
    stamp, seen = target / ".sources", _sources()
    if stamp.exists() and stamp.read_text() == seen:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(seen)


def _sources() -> str:
    digest = hashlib.sha256()
    for line in sorted(_files()):
        digest.update(line.encode())
    return digest.hexdigest()


def _files() -> Iterator[str]:
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = Path(storage.path(name)).stat()
            yield f"{name} {stat.st_size} {stat.st_mtime_ns}\n"
